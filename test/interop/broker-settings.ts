/** Spring's keys for a broker that tests share; Carillon takes the same ones. */
export function brokerSettings(url: string): Readonly<Record<string, string>> {
  if (!url.startsWith('kafka:')) return { 'spring.rabbitmq.addresses': url, 'spring.cloud.stream.default-binder': 'rabbit' }
  const brokers = url.replace('kafka://', '')
  return {
    'spring.kafka.bootstrap-servers': brokers,
    'spring.cloud.stream.kafka.binder.brokers': brokers,
    'spring.cloud.stream.default-binder': 'kafka',
  }
}
