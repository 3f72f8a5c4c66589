import { busTlsSchema } from './bus-tls-schema.js'
import { closed, flag, ignored, integer, type SettingNode, text, texts } from './nodes.js'

const others = 'Carillon has nothing that it could set'

/** Where the bus is, in Spring's keys and in ours, and who this server is on it. */
export const busSchema: Readonly<Record<string, SettingNode>> = {
  'spring.application.name': text('Name of this server on the bus.', { default: 'configserver' }),
  'spring.cloud.bus': closed(),
  'spring.cloud.bus.enabled': flag('Join the bus.', { default: true }),
  'spring.cloud.bus.id': text('Bus id; without it name, port and a random part. No two members may share one.'),
  'spring.cloud.bus.destination': text('Exchange or topic.', { default: 'springCloudBus' }),
  'spring.cloud.bus.ack.enabled': flag('Answer events that are meant for this server.', { default: true }),
  'spring.cloud.bus.ack.destination-service': text('Whom answers are for; everybody without it.'),
  'spring.cloud.bus.trace.enabled': flag('Trace events.', { unsupported: others }),
  'spring.cloud.bus.refresh.enabled': flag('Refresh this server.', { unsupported: others }),
  'spring.cloud.bus.env.enabled': flag('Change the environment of this server.', { unsupported: others }),
  'spring.cloud.bus.shutdown.enabled': flag('Let members end this server.', { unsupported: 'an event never ends a server' }),
  'spring.cloud.bus.content-type': text('Content type.', { unsupported: 'it is application/json' }),
  'spring.cloud.stream': ignored(others),
  'spring.cloud.stream.default-binder': text('Which broker, where both are named.', { enum: ['rabbit', 'kafka'] }),
  'spring.cloud.stream.kafka.binder.brokers': texts('Kafka brokers.', { default: [] }),
  'spring.kafka': ignored(others),
  'spring.kafka.bootstrap-servers': texts('Kafka brokers.', { default: [] }),
  'spring.rabbitmq': ignored(others),
  'spring.rabbitmq.addresses': texts('RabbitMQ brokers, host:port or whole URLs, instead of host and port.', { default: [] }),
  'spring.rabbitmq.host': text('RabbitMQ broker.', { default: 'localhost' }),
  'spring.rabbitmq.port': integer('Its port; without it 5672, or 5671 over TLS.', { minimum: 1, maximum: 65535 }),
  'spring.rabbitmq.username': text('User name there.', { default: 'guest' }),
  'spring.rabbitmq.password': text('Password there.', { secret: true, default: 'guest' }),
  'spring.rabbitmq.virtual-host': text('Virtual host; / without it.'),
  ...busTlsSchema,
  'carillon.bus.ack-topic': text(
    "Kafka topic of acks, instead of the destination with -acks; springCloudBus lets Spring's members hear ours.",
  ),
  'carillon.bus.url': text(
    'The bus as one URL, instead of keys of Spring: amqp://, amqps://, kafka:// or memory:NAME. May hold credentials.',
  ),
}
