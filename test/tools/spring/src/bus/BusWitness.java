import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.cloud.bus.event.AckRemoteApplicationEvent;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells which acks this application heard, as any listener in it would hear them (spring.cloud.bus.trace.enabled). */
@RestController
public class BusWitness {
  private final List<Map<String, String>> acks = new CopyOnWriteArrayList<>();

  @EventListener
  public void hear(AckRemoteApplicationEvent ack) {
    // Not getAckId: Spring Cloud Bus 5.0.1 gives null for it, of Spring's own acks too, because Jackson 3 does not set final fields.
    acks.add(
        Map.of("id", ack.getId(), "from", ack.getOriginService(), "to", ack.getDestinationService(), "event", ack.getEvent().getName()));
  }

  @GetMapping("/witness/acks")
  public List<Map<String, String>> acks() {
    return acks;
  }
}
