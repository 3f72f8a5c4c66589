import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.config.server.EnableConfigServer;

/** The config server as its users run it. It lies in the default package, so it must not scan for components. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigServer
public class ConfigServer {
  public static void main(String[] arguments) {
    SpringApplication.run(ConfigServer.class, arguments);
  }
}
