import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application as users of the config client write it; it answers with the values that its beans run. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(ConfigClient.Limits.class)
@Import({ConfigClient.Greeting.class, ConfigClient.Answers.class})
public class ConfigClient {
  public static void main(String[] arguments) {
    SpringApplication.run(ConfigClient.class, arguments);
  }

  /** Each refresh makes a new one. */
  @RefreshScope
  public static class Greeting {
    private static final AtomicInteger made = new AtomicInteger();
    private final int number = made.incrementAndGet();

    @Value("${shop.greeting}")
    private String text;

    public String text() {
      return text;
    }

    public int number() {
      return number;
    }
  }

  /** Bound again in place when one of its keys changes. */
  @ConfigurationProperties("shop")
  public static class Limits {
    private int limit;

    public int getLimit() {
      return limit;
    }

    public void setLimit(int limit) {
      this.limit = limit;
    }
  }

  @RestController
  public static class Answers {
    private final Greeting greeting;
    private final Limits limits;

    public Answers(Greeting greeting, Limits limits) {
      this.greeting = greeting;
      this.limits = limits;
    }

    @GetMapping("/values")
    public Map<String, Object> values() {
      return Map.of("greeting", greeting.text(), "number", greeting.number(), "limit", limits.getLimit());
    }
  }
}
