import type { Reporting } from './build.js'
import type { SettingsDocument } from './document-types.js'
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
    ack: {
      enabled: document['spring.cloud.bus.ack.enabled'],
      ...given('destination', document['spring.cloud.bus.ack.destination-service']),
    },
  }
}

function springUrl(document: SettingsDocument, { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>): string | undefined {
  const rabbit = ['spring.rabbitmq.host', 'spring.rabbitmq.addresses', 'spring.rabbitmq.port'].some(isGiven)
    ? rabbitUrl(document)
    : undefined
  const brokers = [...document['spring.kafka.bootstrap-servers'], ...document['spring.cloud.stream.kafka.binder.brokers']]
  const kafka = brokers.length === 0 ? undefined : `kafka://${[...new Set(brokers)].join(',')}`
  const binder = document['spring.cloud.stream.default-binder']
  if (rabbit !== undefined && kafka !== undefined && binder === undefined) {
    report('spring.rabbitmq.* and spring.kafka.* both name a broker; give spring.cloud.stream.default-binder (rabbit or kafka)')
  }
  if (binder === 'kafka') return kafka
  return rabbit ?? (binder === 'rabbit' ? undefined : kafka)
}

function rabbitUrl(document: SettingsDocument): string {
  const scheme = document['spring.rabbitmq.ssl.enabled'] ? 'amqps' : 'amqp'
  const addresses = document['spring.rabbitmq.addresses'].map((address) =>
    address.replace(/^amqps?:\/\/([^@/]*@)?/, '').replace(/\/.*$/, ''),
  )
  const hosts = addresses.length === 0 ? [`${document['spring.rabbitmq.host']}:${document['spring.rabbitmq.port']}`] : addresses
  const inAddress = /^amqps?:\/\/([^@/]+)@/.exec(document['spring.rabbitmq.addresses'][0] ?? '')?.[1]
  const inKeys = [document['spring.rabbitmq.username'], document['spring.rabbitmq.password']].map(encodeURIComponent).join(':')
  return `${scheme}://${inAddress ?? inKeys}@${hosts.join(',')}/${encodeURIComponent(document['spring.rabbitmq.virtual-host'])}`
}
