import type { ExtractorName, GitEngine } from './settings.js'

/** The shape of a repository in a checked settings document: what the schema promises. */
export interface RepositoryDocument {
  readonly uri?: string
  readonly basedir?: string
  readonly 'search-paths': readonly string[]
  readonly 'default-label': string
  readonly 'try-master-branch': boolean
  readonly 'continue-on-multiple-label-failure': boolean
  readonly 'clone-on-start': boolean
  readonly 'delete-untracked-branches': boolean
  readonly 'refresh-rate': number
  readonly timeout: number
  readonly username?: string
  readonly password?: string
  readonly 'skip-ssl-validation': boolean
  readonly order?: number
  readonly passphrase?: string
  readonly 'private-key'?: string
  readonly 'host-key'?: string
  readonly 'host-key-algorithm'?: string
  readonly 'known-hosts-file'?: string
  readonly 'preferred-authentications'?: string
  readonly 'ignore-local-ssh-settings'?: boolean
  readonly 'strict-host-key-checking'?: boolean
}

/** An entry of `repos`. */
export interface PatternDocument extends RepositoryDocument {
  readonly pattern?: readonly string[]
}

/** A Git backend. */
export interface GitDocument extends RepositoryDocument {
  readonly repos: Readonly<Record<string, PatternDocument>>
}

/** A native backend. */
export interface NativeDocument {
  readonly 'search-locations': readonly string[]
  readonly 'default-label': string
  readonly 'add-label-locations': boolean
  readonly version?: string
  readonly order?: number
}

/** An entry of `composite`; a type that is neither is a backend that is not supported. */
export type CompositeEntry = ({ readonly type: 'git' } & GitDocument) | ({ readonly type: 'native' } & NativeDocument)

type ExtractorFlags = { readonly [name in ExtractorName as `spring.cloud.config.server.monitor.${name}.enabled`]: boolean }

/** A bundle of `spring.ssl.bundle.pem`. */
export type PemBundleDocument = {
  readonly [name in 'keystore.certificate' | 'keystore.private-key' | 'keystore.private-key-password' | 'truststore.certificate']?: string
}

type BusTlsTexts = {
  readonly [key in
    | `spring.rabbitmq.ssl.${'bundle' | 'trust-store' | 'key-store' | 'key-store-password'}`
    | 'spring.kafka.security.protocol'
    | `spring.kafka.ssl.${KafkaSslName}`
    | `${KafkaClientPrefix}.${KafkaClientName}`
    | `carillon.bus.${'trust-certificate' | 'certificate' | 'certificate-private-key' | 'certificate-private-key-password'}`]?: string
}

/** Below what Kafka's own names stand, the stronger last. */
export type KafkaClientPrefix = 'spring.kafka.properties' | 'spring.cloud.stream.kafka.binder.configuration'

/** What Kafka's own clients call what is read here. */
export type KafkaClientName =
  | 'security.protocol'
  | 'sasl.mechanism'
  | 'sasl.jaas.config'
  | 'ssl.endpoint.identification.algorithm'
  | `ssl.truststore.${'location' | 'certificates'}`
  | `ssl.keystore.${'location' | 'certificate.chain' | 'key' | 'password'}`
  | 'ssl.key.password'

type KafkaSslName =
  | 'bundle'
  | `trust-store-${'location' | 'certificates'}`
  | `key-store-${'location' | 'certificate-chain' | 'key' | 'password'}`
  | 'key-password'

/** What is said of ciphers. */
export interface EncryptDocument {
  readonly 'encrypt.key'?: string
  readonly 'encrypt.salt': string
  readonly 'encrypt.fail-on-error': boolean
  readonly 'encrypt.key-store.location'?: string
  readonly 'encrypt.key-store.password'?: string
  readonly 'encrypt.key-store.alias'?: string
  readonly 'encrypt.key-store.secret'?: string
  readonly 'encrypt.rsa.algorithm': 'default' | 'oaep'
  readonly 'encrypt.rsa.strong': boolean
  readonly 'encrypt.rsa.salt': string
  readonly 'spring.cloud.config.server.encrypt.enabled': boolean
  readonly 'spring.cloud.config.server.encrypt.plain-text-encrypt': boolean
  readonly 'spring.cloud.config.server.encrypt.prefix-invalid-properties': boolean
  readonly 'carillon.encrypt.key-file'?: string
  readonly 'carillon.encrypt.keys': Readonly<Record<string, string>>
  readonly 'carillon.encrypt.fall-through': boolean
}

/** A checked settings document with its defaults: what the schema promises, in TypeScript. */
export interface SettingsDocument extends ExtractorFlags, BusTlsTexts, EncryptDocument {
  readonly 'server.port': number
  readonly 'server.address'?: string
  readonly 'server.ssl.enabled': boolean
  readonly 'server.ssl.certificate'?: string
  readonly 'server.ssl.certificate-private-key'?: string
  readonly 'server.ssl.certificate-private-key-password'?: string
  readonly 'server.ssl.trust-certificate'?: string
  readonly 'server.ssl.key-store'?: string
  readonly 'server.ssl.key-store-password'?: string
  readonly 'server.ssl.client-auth': 'none' | 'want' | 'need'
  readonly 'spring.profiles.active': readonly string[]
  readonly 'spring.profiles.include': readonly string[]
  readonly 'spring.security.user.name': string
  readonly 'spring.security.user.password'?: string
  readonly 'management.endpoints.web.exposure.include': readonly string[]
  readonly 'management.endpoints.web.exposure.exclude': readonly string[]
  readonly 'spring.cloud.config.server.prefix': string
  readonly 'spring.cloud.config.server.default-label'?: string
  readonly 'spring.cloud.config.server.accept-empty': boolean
  readonly 'spring.cloud.config.server.strip-document-from-yaml': boolean
  readonly 'spring.cloud.config.server.reverse-location-order': boolean
  readonly 'spring.cloud.config.server.fail-on-composite-error': boolean
  readonly 'spring.cloud.config.server.overrides': Readonly<Record<string, string>>
  readonly 'spring.cloud.config.server.git': GitDocument
  readonly 'spring.cloud.config.server.native': NativeDocument
  readonly 'spring.cloud.config.server.composite': readonly CompositeEntry[]
  readonly 'spring.cloud.config.server.monitor.ignored-paths': readonly string[]
  readonly 'spring.cloud.config.monitor.endpoint.path': string
  readonly 'spring.application.name': string
  readonly 'spring.cloud.bus.enabled': boolean
  readonly 'spring.cloud.bus.id'?: string
  readonly 'spring.cloud.bus.destination': string
  readonly 'spring.cloud.bus.ack.enabled': boolean
  readonly 'spring.cloud.bus.ack.destination-service'?: string
  readonly 'spring.cloud.stream.default-binder'?: 'rabbit' | 'kafka'
  readonly 'spring.cloud.stream.kafka.binder.brokers': readonly string[]
  readonly 'spring.kafka.bootstrap-servers': readonly string[]
  readonly 'spring.rabbitmq.addresses': readonly string[]
  readonly 'spring.rabbitmq.host': string
  readonly 'spring.rabbitmq.port'?: number
  readonly 'spring.rabbitmq.username': string
  readonly 'spring.rabbitmq.password': string
  readonly 'spring.rabbitmq.virtual-host'?: string
  readonly 'spring.rabbitmq.ssl.enabled': boolean
  readonly 'spring.rabbitmq.ssl.validate-server-certificate': boolean
  readonly 'spring.rabbitmq.ssl.verify-hostname': boolean
  readonly 'spring.ssl.bundle.pem': Readonly<Record<string, PemBundleDocument>>
  readonly 'carillon.bus.url'?: string
  readonly 'carillon.bus.ack-topic'?: string
  readonly 'carillon.data-folder': string
  readonly 'carillon.strict-compat': boolean
  readonly 'carillon.log-level': 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly 'carillon.trust-certificate'?: string
  readonly 'carillon.git.engine': GitEngine
  readonly 'carillon.git.max-packs': number
  readonly 'carillon.git.max-disk': number
  readonly 'carillon.webhooks.secrets': readonly string[]
  readonly 'carillon.webhooks.branches': readonly string[]
  readonly 'carillon.webhooks.tolerance': number
}
