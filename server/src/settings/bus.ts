import { kafkaBus } from './bus-kafka.js'
import { joined, ownTls, present, rabbitTls } from './bus-tls.js'
import type { SettingsDocument } from './document-types.js'
import { given } from './making.js'
import type { Reporting } from './reporting.js'
import type { BusSettings } from './settings.js'

/** Where a broker is, and its TLS. */
type Place = Pick<BusSettings, 'url' | 'tls'>

/** The bus that the settings name, `undefined` where none do. Reports two brokers between which nothing decides. */
export function busSettings(
  document: SettingsDocument,
  { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>,
): BusSettings | undefined {
  if (!document['spring.cloud.bus.enabled']) return undefined
  const own = document['carillon.bus.url']
  const place = own === undefined ? springPlace(document, { isGiven, report }) : { url: own }
  if (place === undefined) return undefined
  return {
    url: place.url,
    ...present('tls', joined(place.tls, ownTls(document, report))),
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

function springPlace(document: SettingsDocument, { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>): Place | undefined {
  const binder = document['spring.cloud.stream.default-binder']
  const brokers = [...document['spring.kafka.bootstrap-servers'], ...document['spring.cloud.stream.kafka.binder.brokers']]
  const isRabbit = ['spring.rabbitmq.host', 'spring.rabbitmq.addresses', 'spring.rabbitmq.port'].some(isGiven)
  if (isRabbit && brokers.length > 0 && binder === undefined) {
    report('spring.rabbitmq.* and spring.kafka.* both name a broker; give spring.cloud.stream.default-binder (rabbit or kafka)')
  }
  if (binder === 'rabbit' || (isRabbit && binder === undefined)) return rabbitPlace(document, report)
  return brokers.length === 0 ? undefined : kafkaBus(brokers, document, report)
}

/** A broker's address as Spring takes it: `host`, `host:port`, or a whole URL, whose parts then win over the other keys. */
interface RabbitAddress {
  readonly tls: boolean
  readonly user: string | undefined
  readonly host: string
  readonly virtualHost: string | undefined
}

function rabbitPlace(document: SettingsDocument, report: Reporting['report']): Place {
  const listed = document['spring.rabbitmq.addresses'].map((text) => rabbitAddress(text, document))
  const alone = `${document['spring.rabbitmq.host']}:${document['spring.rabbitmq.port'] ?? portOf(wantsTls(document))}`
  const addresses = listed.length === 0 ? [rabbitAddress(alone, document)] : listed
  const [first] = addresses as [RabbitAddress]
  if (addresses.some(({ tls, user, virtualHost }) => tls !== first.tls || user !== first.user || virtualHost !== first.virtualHost)) {
    report('spring.rabbitmq.addresses: expected the same scheme, credentials and virtual host in all of them')
  }
  const inKeys = [document['spring.rabbitmq.username'], document['spring.rabbitmq.password']].map(encodeURIComponent).join(':')
  const virtualHost = first.virtualHost ?? encodeURIComponent(document['spring.rabbitmq.virtual-host'] ?? '/')
  return {
    url: `${first.tls ? 'amqps' : 'amqp'}://${first.user ?? inKeys}@${addresses.map(({ host }) => host).join(',')}/${virtualHost}`,
    ...(first.tls ? { tls: rabbitTls(document, report) } : {}),
  }
}

/** Boot turns TLS on for a bundle too. */
function wantsTls(document: SettingsDocument): boolean {
  return document['spring.rabbitmq.ssl.enabled'] || (document['spring.rabbitmq.ssl.bundle'] ?? '').trim() !== ''
}

function rabbitAddress(text: string, document: SettingsDocument): RabbitAddress {
  const [, scheme, user, place = '', virtualHost] = /^(?:(amqps?):\/\/)?(?:([^@/]+)@)?([^/]+)(?:\/(.+))?$/.exec(text.trim()) ?? []
  const tls = scheme === undefined ? wantsTls(document) : scheme === 'amqps'
  const host = /:\d+$/.test(place) ? place : `${place}:${portOf(tls)}`
  return { tls, user, host, virtualHost }
}

function portOf(tls: boolean): number {
  return tls ? 5671 : 5672
}
