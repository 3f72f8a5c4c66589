import { bundleTls, present, settingFile, type TlsFiles } from './bus-tls.js'
import type { KafkaClientName, KafkaClientPrefix, SettingsDocument } from './document-types.js'
import { given } from './making.js'
import type { Reporting } from './reporting.js'
import type { BusTlsSettings } from './settings.js'

/** A Kafka that Spring's keys name: its address, and its TLS where it has any. */
export interface KafkaBus {
  readonly url: string
  readonly tls?: BusTlsSettings
}

/** A value and the key that gave it. */
interface Said {
  readonly key: string
  readonly value: string
}

type Client = ReadonlyMap<KafkaClientName, Said>

const PREFIXES: readonly KafkaClientPrefix[] = ['spring.kafka.properties', 'spring.cloud.stream.kafka.binder.configuration']

/** Kafka's own names and where Boot says the same; `properties` win over them, as in Spring, and the binder's `configuration` over both. */
const NAMES = {
  'security.protocol': 'spring.kafka.security.protocol',
  'sasl.mechanism': undefined,
  'sasl.jaas.config': undefined,
  'ssl.endpoint.identification.algorithm': undefined,
  'ssl.truststore.location': 'spring.kafka.ssl.trust-store-location',
  'ssl.truststore.certificates': 'spring.kafka.ssl.trust-store-certificates',
  'ssl.keystore.location': 'spring.kafka.ssl.key-store-location',
  'ssl.keystore.certificate.chain': 'spring.kafka.ssl.key-store-certificate-chain',
  'ssl.keystore.key': 'spring.kafka.ssl.key-store-key',
  'ssl.keystore.password': 'spring.kafka.ssl.key-store-password',
  'ssl.key.password': 'spring.kafka.ssl.key-password',
} as const satisfies Readonly<Record<KafkaClientName, keyof SettingsDocument | undefined>>

/** The brokers as an address with what Kafka's own clients are told of TLS and SASL. Reports what cannot be done. */
export function kafkaBus(brokers: readonly string[], document: SettingsDocument, report: Reporting['report']): KafkaBus {
  const client = clientOf(document)
  const protocol = client.get('security.protocol')?.value ?? 'plaintext'
  const login = protocol.startsWith('sasl_') ? loginOf(client, report) : undefined
  const secure = protocol.endsWith('ssl')
  const parameters = [...(secure ? ['tls=true'] : []), ...(login === undefined ? [] : [`sasl=${login.mechanism}`])].join('&')
  const user = login === undefined ? '' : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`
  return {
    url: `kafka://${user}${[...new Set(brokers)].join(',')}${parameters === '' ? '' : `?${parameters}`}`,
    ...(secure ? { tls: tlsOf(client, document, report) } : {}),
  }
}

function clientOf(document: SettingsDocument): Client {
  const names = Object.entries(NAMES) as [KafkaClientName, keyof SettingsDocument | undefined][]
  return new Map(
    names.flatMap(([name, boot]): [KafkaClientName, Said][] => {
      const keys = [...(boot === undefined ? [] : [boot]), ...PREFIXES.map((prefix) => `${prefix}.${name}` as const)]
      const said = keys.map((key) => ({ key, value: document[key] })).findLast(({ value }) => value !== undefined)
      return said === undefined ? [] : [[name, { key: said.key, value: String(said.value) }]]
    }),
  )
}

function tlsOf(client: Client, document: SettingsDocument, report: Reporting['report']): BusTlsSettings {
  const bundle = document['spring.kafka.ssl.bundle'] ?? ''
  const files = bundle.trim() === '' ? filesOf(client) : bundleTls(bundle, { document, report, key: 'spring.kafka.ssl.bundle' })
  return { ...files, verify: client.get('ssl.endpoint.identification.algorithm')?.value === '' ? 'authority' : 'all' }
}

function filesOf(client: Client): TlsFiles {
  const file = (name: KafkaClientName) => {
    const said = client.get(name)
    return settingFile(said?.key ?? name, said?.value)
  }
  const certificate = file('ssl.keystore.certificate.chain')
  const keyStore = certificate === undefined ? file('ssl.keystore.location') : undefined
  return {
    ...present('trust', file('ssl.truststore.certificates') ?? file('ssl.truststore.location')),
    ...present('certificate', certificate),
    ...present('privateKey', certificate === undefined ? undefined : file('ssl.keystore.key')),
    ...present('keyStore', keyStore),
    ...given('password', (client.get('ssl.key.password') ?? client.get('ssl.keystore.password'))?.value),
  }
}

interface Login {
  readonly mechanism: string
  readonly user: string
  readonly password: string
}

const LOGIN_MODULE = /^\s*[\w.]*\.(?:PlainLoginModule|ScramLoginModule)\s+required\b/
/** A name and its value: in double or single quotes, with backslashes, or a word. */
const JAAS_OPTION = /([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;"']+))/gs

function loginOf(client: Client, report: Reporting['report']): Login | undefined {
  const mechanism = client.get('sasl.mechanism')?.value
  const jaas = client.get('sasl.jaas.config')
  if (mechanism === undefined)
    report('spring.kafka.properties.sasl.mechanism is missing, expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; Kerberos is not supported')
  if (jaas === undefined) report('spring.kafka.properties.sasl.jaas.config is missing; it holds user name and password')
  if (mechanism === undefined || jaas === undefined) return undefined
  const options = new Map([...jaas.value.matchAll(JAAS_OPTION)].map(([, name = '', ...texts]) => [name, textOf(texts)]))
  const [user, password] = [options.get('username'), options.get('password')]
  if (LOGIN_MODULE.test(jaas.value) && user !== undefined && password !== undefined) return { mechanism, user, password }
  report(`${jaas.key}: expected PlainLoginModule or ScramLoginModule, "required", and username="…" password="…";`)
  return undefined
}

function textOf([double, single, word = '']: readonly (string | undefined)[]): string {
  return (double ?? single)?.replace(/\\(.)/gs, '$1') ?? word
}
