package example.shop;

import java.math.BigDecimal;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Made anew after each refresh, with the values of the new commit. */
@RestController
@RefreshScope
public class Quotes {
  public record Quote(String shop, String shipping, boolean express, int pool) {}

  private final Quote quote;

  public Quotes(
      @Value("${shop.name}") String shop,
      @Value("${shop.currency}") String currency,
      @Value("${orders.shipping-fee}") BigDecimal shippingFee,
      @Value("${features.express-shipping}") boolean express,
      @Value("${orders.database.pool}") int pool) {
    quote = new Quote(shop, shippingFee + " " + currency, express, pool);
  }

  @GetMapping("/quote")
  public Quote quote() {
    return quote;
  }
}
