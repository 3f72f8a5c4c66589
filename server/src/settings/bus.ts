import type { SettingsDocument } from './document-types.js'
import type { Reporting } from './reporting.js'
import { given } from './repositories.js'
import type { BusSettings } from './settings.js'

/** The bus that the settings name, `undefined` where none do. Reports two brokers between which nothing decides. */
export function busSettings(
  document: SettingsDocument,
  { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>,
): BusSettings | undefined {
  if (!document['spring.cloud.bus.enabled']) return undefined
  const url = document['carillon.bus.url'] ?? springUrl(document, { isGiven, report })
  if (url === undefined) return undefined
  return {
    url,
    destination: document['spring.cloud.bus.destination'],
    ...given('id', document['spring.cloud.bus.id']),
    application: document['spring.application.name'],
    ...given('ackTopic', document['carillon.bus.ack-topic']),
    ack: {
      enabled: document['spring.cloud.bus.ack.enabled'],
      ...given('destination', document['spring.cloud.bus.ack.destination-service']),
    },
  }
}

function springUrl(document: SettingsDocument, { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>): string | undefined {
  const binder = document['spring.cloud.stream.default-binder']
  const brokers = [...document['spring.kafka.bootstrap-servers'], ...document['spring.cloud.stream.kafka.binder.brokers']]
  const kafka = brokers.length === 0 ? undefined : `kafka://${[...new Set(brokers)].join(',')}`
  const isRabbit = ['spring.rabbitmq.host', 'spring.rabbitmq.addresses', 'spring.rabbitmq.port'].some(isGiven)
  if (isRabbit && kafka !== undefined && binder === undefined) {
    report('spring.rabbitmq.* and spring.kafka.* both name a broker; give spring.cloud.stream.default-binder (rabbit or kafka)')
  }
  if (binder === 'kafka') return kafka
  return isRabbit || binder === 'rabbit' ? rabbitUrl(document, report) : kafka
}

/** A broker's address as Spring takes it: `host`, `host:port`, or a whole URL, whose parts then win over the other keys. */
interface RabbitAddress {
  readonly tls: boolean
  readonly user: string | undefined
  readonly host: string
  readonly virtualHost: string | undefined
}

function rabbitUrl(document: SettingsDocument, report: Reporting['report']): string {
  const listed = document['spring.rabbitmq.addresses'].map((text) => rabbitAddress(text, document))
  const alone = `${document['spring.rabbitmq.host']}:${document['spring.rabbitmq.port'] ?? portOf(document['spring.rabbitmq.ssl.enabled'])}`
  const addresses = listed.length === 0 ? [rabbitAddress(alone, document)] : listed
  const [first] = addresses as [RabbitAddress]
  if (addresses.some(({ tls, user, virtualHost }) => tls !== first.tls || user !== first.user || virtualHost !== first.virtualHost)) {
    report('spring.rabbitmq.addresses: expected the same scheme, credentials and virtual host in all of them')
  }
  const inKeys = [document['spring.rabbitmq.username'], document['spring.rabbitmq.password']].map(encodeURIComponent).join(':')
  const virtualHost = first.virtualHost ?? encodeURIComponent(document['spring.rabbitmq.virtual-host'] ?? '/')
  return `${first.tls ? 'amqps' : 'amqp'}://${first.user ?? inKeys}@${addresses.map(({ host }) => host).join(',')}/${virtualHost}`
}

function rabbitAddress(text: string, document: SettingsDocument): RabbitAddress {
  const [, scheme, user, place = '', virtualHost] = /^(?:(amqps?):\/\/)?(?:([^@/]+)@)?([^/]+)(?:\/(.+))?$/.exec(text.trim()) ?? []
  const tls = scheme === undefined ? document['spring.rabbitmq.ssl.enabled'] : scheme === 'amqps'
  const host = /:\d+$/.test(place) ? place : `${place}:${portOf(tls)}`
  return { tls, user, host, virtualHost }
}

function portOf(tls: boolean): number {
  return tls ? 5671 : 5672
}
