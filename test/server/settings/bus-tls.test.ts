import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { type Given, load, problemOf } from './input.js'

const SECRET = canary('setting')

const env = { SPRING_CLOUD_CONFIG_SERVER_GIT_URI: '/x' }
const busOf = (given: Given) => {
  const { url, tls } = load({ ...given, env: { ...env, ...given.env } }).settings.bus ?? {}
  return { url, tls }
}

const rabbit = (...lines: readonly string[]): string => ['spring.rabbitmq.host: h', ...lines].join('\n')
const kafka = (...lines: readonly string[]): string => ['spring.kafka.bootstrap-servers: h:1', ...lines].join('\n')
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required'
const file = (key: string, location: string) => ({ key, location })

describe('loadSettings: TLS of RabbitMQ', () => {
  const amqps = 'amqps://guest:guest@h:5671/%2F'
  const rows: readonly (readonly [string, Given, string, object | undefined])[] = [
    ['is absent without it', { yml: rabbit('spring.rabbitmq.ssl.trust-store: ca.pem') }, 'amqp://guest:guest@h:5672/%2F', undefined],
    ['checks everything by itself', { yml: rabbit('spring.rabbitmq.ssl.enabled: true') }, amqps, { verify: 'all' }],
    [
      'has stores',
      { yml: rabbit(`spring.rabbitmq.ssl: {enabled: true, trust-store: "file:ca.pem", key-store: me.p12, key-store-password: ${SECRET}}`) },
      amqps,
      {
        trust: file('spring.rabbitmq.ssl.trust-store', 'file:ca.pem'),
        keyStore: file('spring.rabbitmq.ssl.key-store', 'me.p12'),
        password: SECRET,
        verify: 'all',
      },
    ],
    [
      'leaves the host name out',
      { yml: rabbit('spring.rabbitmq.ssl: {enabled: true, verify-hostname: false}') },
      amqps,
      { verify: 'authority' },
    ],
    [
      'leaves everything out',
      { yml: rabbit('spring.rabbitmq.ssl: {enabled: true, validate-server-certificate: false}') },
      amqps,
      { verify: 'nothing' },
    ],
    [
      'is turned on by a bundle',
      {
        yml: rabbit(
          'spring.rabbitmq.ssl.bundle: mine',
          'spring.ssl.bundle.pem.mine:',
          `  keystore: {certificate: me.pem, private-key: me.key, private-key-password: ${SECRET}}`,
          '  truststore.certificate: ca.pem',
        ),
      },
      amqps,
      {
        trust: file('spring.ssl.bundle.pem.mine.truststore.certificate', 'ca.pem'),
        certificate: file('spring.ssl.bundle.pem.mine.keystore.certificate', 'me.pem'),
        privateKey: file('spring.ssl.bundle.pem.mine.keystore.private-key', 'me.key'),
        password: SECRET,
        verify: 'all',
      },
    ],
    [
      'takes an authority of ours, and keeps the rest',
      {
        yml: rabbit('spring.rabbitmq.ssl: {enabled: true, trust-store: ca.jks, key-store: me.p12, verify-hostname: false}'),
        env: { CARILLON_BUS_TRUSTCERTIFICATE: 'ca.pem' },
      },
      amqps,
      {
        trust: file('carillon.bus.trust-certificate', 'ca.pem'),
        keyStore: file('spring.rabbitmq.ssl.key-store', 'me.p12'),
        verify: 'authority',
      },
    ],
    [
      'takes a certificate of ours without the password of another',
      {
        yml: rabbit(
          `spring.rabbitmq.ssl: {enabled: true, trust-store: ca.pem, key-store: me.p12, key-store-password: ${SECRET}}`,
          'carillon.bus: {certificate: me.pem, certificate-private-key: me.key}',
        ),
      },
      amqps,
      {
        trust: file('spring.rabbitmq.ssl.trust-store', 'ca.pem'),
        certificate: file('carillon.bus.certificate', 'me.pem'),
        privateKey: file('carillon.bus.certificate-private-key', 'me.key'),
        verify: 'all',
      },
    ],
    [
      "is ours alone with a URL of ours, and Spring's keys are another broker's",
      { yml: rabbit('spring.rabbitmq.ssl: {enabled: true, trust-store: ca.pem}'), flags: { 'carillon.bus.url': 'amqps://u' } },
      'amqps://u',
      undefined,
    ],
  ]
  for (const [name, given, url, tls] of rows) it(name, () => expect(busOf(given)).to.deep.equal({ url, tls }))
})

describe('loadSettings: TLS and SASL of Kafka', () => {
  const rows: readonly (readonly [string, Given, string, object | undefined])[] = [
    ['is absent without it', { yml: kafka('spring.kafka.ssl.trust-store-location: ca.pem') }, 'kafka://h:1', undefined],
    [
      'has files',
      {
        yml: kafka(
          'spring.kafka.security.protocol: SSL',
          `spring.kafka.ssl: {trust-store-type: PEM, trust-store-location: "file:ca.pem", key-store-location: me.p12, key-store-password: ${SECRET}}`,
        ),
      },
      'kafka://h:1?tls=true',
      {
        trust: file('spring.kafka.ssl.trust-store-location', 'file:ca.pem'),
        keyStore: file('spring.kafka.ssl.key-store-location', 'me.p12'),
        password: SECRET,
        verify: 'all',
      },
    ],
    [
      "takes Kafka's own names, which win over Boot's, and those of the binder over both",
      {
        yml: kafka(
          'spring.kafka.security.protocol: PLAINTEXT',
          'spring.kafka.ssl.trust-store-location: one.pem',
          'spring.kafka.properties: {"[security.protocol]": SSL, ssl.truststore.location: two.pem, ssl.keystore.location: me.pem}',
          `spring.cloud.stream.kafka.binder.configuration: {ssl.truststore.location: three.pem, ssl.key.password: ${SECRET}}`,
        ),
      },
      'kafka://h:1?tls=true',
      {
        trust: file('spring.cloud.stream.kafka.binder.configuration.ssl.truststore.location', 'three.pem'),
        keyStore: file('spring.kafka.properties.ssl.keystore.location', 'me.pem'),
        password: SECRET,
        verify: 'all',
      },
    ],
    [
      'takes PEM text, and leaves the host name out',
      {
        yml: kafka(
          'spring.kafka.properties:',
          '  security.protocol: SSL',
          '  ssl: {truststore.certificates: CA, keystore.certificate.chain: ME, keystore.key: KEY}',
          '  ssl.endpoint.identification.algorithm: ""',
        ),
      },
      'kafka://h:1?tls=true',
      {
        trust: file('spring.kafka.properties.ssl.truststore.certificates', 'CA'),
        certificate: file('spring.kafka.properties.ssl.keystore.certificate.chain', 'ME'),
        privateKey: file('spring.kafka.properties.ssl.keystore.key', 'KEY'),
        verify: 'authority',
      },
    ],
    [
      'has a bundle',
      { yml: kafka('spring.kafka: {security.protocol: SSL, ssl.bundle: b}', 'spring.ssl.bundle.pem.b.truststore.certificate: ca.pem') },
      'kafka://h:1?tls=true',
      { trust: file('spring.ssl.bundle.pem.b.truststore.certificate', 'ca.pem'), verify: 'all' },
    ],
    [
      'has a user and a mechanism',
      {
        yml: kafka(
          'spring.kafka.properties:',
          '  security.protocol: SASL_PLAINTEXT',
          '  sasl.mechanism: SCRAM-SHA-256',
          `  sasl.jaas.config: '${SCRAM} username="a b" password="p@\\"\\\\:/";'`,
        ),
      },
      'kafka://a%20b:p%40%22%5C%3A%2F@h:1?sasl=scram-sha-256',
      undefined,
    ],
    [
      'has both, from variables',
      {
        yml: kafka(),
        env: {
          SPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL: 'SASL_SSL',
          SPRING_KAFKA_PROPERTIES_SASL_MECHANISM: 'PLAIN',
          SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG: `${PLAIN} username=u password='p';`,
        },
      },
      'kafka://u:p@h:1?tls=true&sasl=plain',
      { verify: 'all' },
    ],
  ]
  for (const [name, given, url, tls] of rows) it(name, () => expect(busOf(given)).to.deep.equal({ url, tls }))
})

describe('loadSettings: TLS and SASL that cannot be meant', () => {
  const sasl = (...lines: readonly string[]): string =>
    kafka('spring.kafka.properties:', '  security.protocol: SASL_SSL', ...lines.map((line) => `  ${line}`))
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['SASL that says nothing more', sasl(), /sasl\.mechanism is missing.*sasl\.jaas\.config is missing/s],
    ['Kerberos', sasl('sasl.mechanism: GSSAPI'), /sasl\.mechanism .*got "gssapi", expected one of plain, scram-sha-256, scram-sha-512/],
    [
      'a login without a password',
      sasl('sasl.mechanism: PLAIN', `sasl.jaas.config: '${PLAIN} username="${SECRET}";'`),
      /properties\.sasl\.jaas\.config: expected PlainLoginModule or ScramLoginModule/,
    ],
    [
      'a login module of another kind',
      sasl('sasl.mechanism: PLAIN', `sasl.jaas.config: 'com.sun.Krb5LoginModule required username="u" password="${SECRET}";'`),
      /properties\.sasl\.jaas\.config: expected PlainLoginModule/,
    ],
    ['a protocol that nobody knows', kafka('spring.kafka.security.protocol: TLS'), /got "tls", expected one of plaintext, ssl/],
    [
      'a bundle that is not there',
      rabbit('spring.rabbitmq.ssl.bundle: mine', 'spring.ssl.bundle.pem.other.truststore.certificate: x'),
      /spring\.rabbitmq\.ssl\.bundle: got mine, expected one of spring\.ssl\.bundle\.pem: other/,
    ],
    [
      'a certificate without a key',
      'carillon.bus: {url: "amqps://h", certificate: me.pem}',
      /carillon\.bus\.certificate-private-key: one is missing/,
    ],
  ]
  for (const [name, yml, message] of rows)
    it(`refuses ${name}, and shows no secret`, () => {
      const problem = problemOf({ env, yml })
      expect(problem).to.match(message)
      expect(problem).to.match(/^invalid-settings/)
      expect(problem).to.not.include(SECRET)
    })

  it('prints neither passwords nor keys', () => {
    const yml = kafka(
      `spring.kafka.properties: {ssl.keystore.key: ${SECRET}, sasl.jaas.config: ${SECRET}}`,
      `spring.kafka.ssl: {key-password: ${SECRET}, key-store-password: ${SECRET}, key-store-key: ${SECRET}}`,
      `spring.ssl.bundle.pem.b.keystore.private-key: "-----BEGIN PRIVATE KEY-----${SECRET}-----END PRIVATE KEY-----"`,
    )
    const { provenance } = load({ env, yml })
    const shown = provenance.map(({ key, value }) => `${key}=${value}`)
    expect(shown).to.include('spring.ssl.bundle.pem.b.keystore.private-key=******')
    expect(shown.join('\n')).to.not.include(SECRET)
  })
})
