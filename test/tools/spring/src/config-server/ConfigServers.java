import java.util.Arrays;
import org.springframework.boot.SpringApplication;

/**
 * Several config servers in one process, because the first start of a process takes the most time. `--also=a.yml,b.yml` names the settings files of those that
 * are started first; all other arguments belong to the last one, so that all answer once it does.
 */
public class ConfigServers {
  private static final String ALSO = "--also=";

  public static void main(String[] arguments) {
    Arrays.stream(arguments)
        .filter(argument -> argument.startsWith(ALSO))
        .flatMap(argument -> Arrays.stream(argument.substring(ALSO.length()).split(",")))
        .forEach(file -> SpringApplication.run(ConfigServer.class, "--spring.config.location=file:" + file));
    SpringApplication.run(ConfigServer.class, Arrays.stream(arguments).filter(argument -> !argument.startsWith(ALSO)).toArray(String[]::new));
  }
}
