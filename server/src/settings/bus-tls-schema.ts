import { flag, ignored, type SettingNode, text } from './nodes.js'

const byNode = 'the algorithms of Node.js are used'
/** Taken without a word: it says what the file says too. */
const storeType = text('Its type; what counts is what the file holds.')
const password = (description: string): SettingNode => text(description, { secret: true })

/** What Kafka's own clients call these things; they stand below two keys of Spring's. */
const kafkaClient: Readonly<Record<string, SettingNode>> = {
  'security.protocol': text('As spring.kafka.security.protocol, and wins.', { enum: ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'] }),
  'sasl.mechanism': text('How the password is proved; needed with SASL.', { enum: ['plain', 'scram-sha-256', 'scram-sha-512'] }),
  'sasl.jaas.config': password('PlainLoginModule or ScramLoginModule with username and password.'),
  'ssl.endpoint.identification.algorithm': text('An empty text: the host name in the certificate is not checked.'),
  'ssl.truststore.location': text('PEM file of the authorities that brokers may come from.'),
  'ssl.truststore.certificates': text('The same as PEM text.'),
  'ssl.truststore.password': text('Its password.', { secret: true, unsupported: 'PEM files have none' }),
  'ssl.truststore.type': storeType,
  'ssl.keystore.location': text('Certificate and key of this server: a PKCS#12 or PEM file.'),
  'ssl.keystore.certificate.chain': text('The certificate as PEM text.'),
  'ssl.keystore.key': password('Its key as PEM text.'),
  'ssl.keystore.password': password('Password of a PKCS#12 file.'),
  'ssl.keystore.type': storeType,
  'ssl.key.password': password('Password of a key in PEM.'),
}

/** The same in Boot's words. */
const kafkaSsl: Readonly<Record<string, SettingNode>> = {
  bundle: text('One of spring.ssl.bundle.pem, instead of the keys below.'),
  'trust-store-location': text('PEM file of the authorities that brokers may come from.'),
  'trust-store-certificates': text('The same as PEM text.'),
  'trust-store-password': text('Its password.', { secret: true, unsupported: 'PEM files have none' }),
  'trust-store-type': storeType,
  'key-store-location': text('Certificate and key of this server: a PKCS#12 or PEM file.'),
  'key-store-certificate-chain': text('The certificate as PEM text.'),
  'key-store-key': password('Its key as PEM text.'),
  'key-store-password': password('Password of a PKCS#12 file.'),
  'key-store-type': storeType,
  'key-password': password('Password of a key in PEM.'),
}

const rabbitSsl: Readonly<Record<string, SettingNode>> = {
  enabled: flag('Use TLS; an address that begins with amqps:// does too.', { default: false }),
  bundle: text('One of spring.ssl.bundle.pem, instead of the stores below; turns TLS on.'),
  'trust-store': text('PEM file of the authorities that brokers may come from.'),
  'trust-store-password': text('Its password.', { secret: true, unsupported: 'PEM files have none' }),
  'trust-store-type': storeType,
  'trust-store-algorithm': text('Its algorithm.', { unsupported: byNode }),
  'key-store': text('Certificate and key of this server: a PKCS#12 or PEM file.'),
  'key-store-password': password('Its password.'),
  'key-store-type': storeType,
  'key-store-algorithm': text('Its algorithm.', { unsupported: byNode }),
  algorithm: text('Protocol.', { unsupported: byNode }),
  'validate-server-certificate': flag('Check by whom the certificate of a broker is.', { default: true }),
  'verify-hostname': flag('Check the host name in the certificate of a broker.', { default: true }),
}

const pemBundle: SettingNode = {
  type: 'object',
  description: 'PEM files under a name, for spring.rabbitmq.ssl.bundle and spring.kafka.ssl.bundle.',
  properties: {
    'keystore.certificate': text('PEM file of the certificate of this server.'),
    'keystore.private-key': text('PEM file of its key.'),
    'keystore.private-key-password': password('Password of that key.'),
    'truststore.certificate': text('PEM file of the authorities that brokers may come from.'),
  },
  additionalProperties: false,
}

const below = (prefix: string, keys: Readonly<Record<string, SettingNode>>): Readonly<Record<string, SettingNode>> =>
  Object.fromEntries(Object.entries(keys).map(([name, node]) => [`${prefix}.${name}`, node]))

/** How the brokers of the bus prove who they are, and this server who it is. */
export const busTlsSchema: Readonly<Record<string, SettingNode>> = {
  ...below('spring.rabbitmq.ssl', rabbitSsl),
  'spring.kafka.security.protocol': text('Whether TLS (ssl) and a password (sasl) are used.', {
    enum: ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'],
  }),
  ...below('spring.kafka.ssl', kafkaSsl),
  ...below('spring.kafka.properties', kafkaClient),
  ...below('spring.cloud.stream.kafka.binder.configuration', kafkaClient),
  'spring.ssl.bundle': ignored('only the PEM bundles that the bus names have an effect'),
  'spring.ssl.bundle.pem': {
    type: 'object',
    description: 'PEM files under names.',
    additionalProperties: pemBundle,
    default: {},
  },
  'carillon.bus.trust-certificate': text('PEM file of the only authorities that the brokers of the bus may come from; turns TLS on.'),
  'carillon.bus.certificate': text('PEM file of the certificate that this server shows to brokers.'),
  'carillon.bus.certificate-private-key': text('PEM file of its key.'),
  'carillon.bus.certificate-private-key-password': password('Password of that key.'),
}
