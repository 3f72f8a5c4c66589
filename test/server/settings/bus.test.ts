import { expect } from 'chai'
import { type Given, load, problemOf } from './input.js'

const busOf = (given: Given) => load({ ...given, env: { SPRING_CLOUD_CONFIG_SERVER_GIT_URI: '/x', ...given.env } }).settings.bus

describe('loadSettings: the bus', () => {
  const rows: readonly (readonly [string, Given, string | undefined])[] = [
    ['is absent where nothing names one', {}, undefined],
    ['is what carillon.bus.url says', { yml: 'carillon.bus.url: amqp://h' }, 'amqp://h'],
    ['is what a flag says', { flags: { 'carillon.bus.url': 'memory:x' }, yml: 'carillon.bus.url: amqp://h' }, 'memory:x'],
    ['is what CARILLON_BUS_URL says', { env: { CARILLON_BUS_URL: 'kafka://h:9092' } }, 'kafka://h:9092'],
    ['is RabbitMQ by host', { yml: 'spring.rabbitmq.host: h' }, 'amqp://guest:guest@h:5672/%2F'],
    [
      'is RabbitMQ by addresses, with credentials and TLS',
      { yml: 'spring.rabbitmq: {addresses: "a:1,b:2", username: u@x, password: "p/w", virtual-host: v, ssl.enabled: true}' },
      'amqps://u%40x:p%2Fw@a:1,b:2/v',
    ],
    ['takes credentials and virtual host of an address', { yml: 'spring.rabbitmq.addresses: amqp://u:p@a:1/v' }, 'amqp://u:p@a:1/v'],
    ['keeps TLS where an address asks for it', { yml: 'spring.rabbitmq.addresses: amqps://u:p@a' }, 'amqps://u:p@a:5671/%2F'],
    ['takes the port of TLS', { yml: 'spring.rabbitmq: {host: h, ssl.enabled: true}' }, 'amqps://guest:guest@h:5671/%2F'],
    [
      'is RabbitMQ where the default binder says so',
      { yml: 'spring.cloud.stream.default-binder: rabbit' },
      'amqp://guest:guest@localhost:5672/%2F',
    ],
    ['is Kafka by its brokers', { yml: 'spring.kafka.bootstrap-servers: [a:1, b:2]' }, 'kafka://a:1,b:2'],
    ['is Kafka by the binder', { yml: 'spring.cloud.stream.kafka.binder.brokers: a:1' }, 'kafka://a:1'],
    [
      'is the one that the default binder names',
      { yml: 'spring: {rabbitmq.host: h, kafka.bootstrap-servers: "a:1", cloud.stream.default-binder: kafka}' },
      'kafka://a:1',
    ],
    ['is absent where it is switched off', { yml: 'carillon.bus.url: amqp://h\nspring.cloud.bus.enabled: false' }, undefined],
  ]
  for (const [name, given, url] of rows) {
    it(name, () => expect(busOf(given)?.url).to.equal(url))
  }

  it('has a name, a destination and acks', () => {
    expect(busOf({ yml: 'carillon.bus.url: memory:x' })).to.deep.equal({
      url: 'memory:x',
      destination: 'springCloudBus',
      application: 'configserver',
      ack: { enabled: true },
    })
    const yml =
      'carillon.bus.url: memory:x\nspring: {application.name: cfg, cloud.bus: {id: "a:b:c", destination: d, ack: {enabled: false}}}'
    expect(busOf({ yml })).to.deep.equal({ url: 'memory:x', destination: 'd', id: 'a:b:c', application: 'cfg', ack: { enabled: false } })
  })

  it('refuses two brokers between which nothing decides', () => {
    const env = { SPRING_CLOUD_CONFIG_SERVER_GIT_URI: '/x' }
    expect(problemOf({ env, yml: 'spring: {rabbitmq.host: h, kafka.bootstrap-servers: "a:1"}' })).to.include(
      'spring.cloud.stream.default-binder',
    )
  })
})
