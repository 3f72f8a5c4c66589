import { randomUUID } from 'node:crypto'
import { BusError } from '../errors.js'
import { type Address, hostsOf, parseAddress } from './address.js'
import { type BrokerOptions, keepConnected } from './connection.js'
import type { KafkaLogin } from './kafka-connect.js'
import { openKafkaSession } from './kafka-session.js'
import type { Transport } from './transport.js'

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
/** kafkajs has a type for each of them: objects, so that a spread keeps them apart. */
const SASL = {
  plain: { mechanism: 'plain' },
  'scram-sha-256': { mechanism: 'scram-sha-256' },
  'scram-sha-512': { mechanism: 'scram-sha-512' },
} as const

/**
 * Kafka as Spring Cloud Bus uses it: a topic, and an anonymous group for each member that begins at the latest offset. Our acks take a topic of their own,
 * which only who receives all reads. URL parameters: `tls=true`, `sasl=plain|scram-sha-256|scram-sha-512` (default plain where there is a user).
 */
export function openKafka(url: string, options: BrokerOptions): Transport {
  const address = parseAddress(url, { port: 9092, parameters: ['tls', 'sasl'] })
  if (address.path !== '')
    throw new BusError('invalid-url', `Got /${address.path} behind ${hostsOf(address)}, expected nothing: the destination names the topic`)
  const what = `Kafka at ${hostsOf(address)}`
  const login = loginOf(address, options)
  const events = options.destination
  const acks = options.ackTopic ?? `${events}-acks`
  const topics = { events, acks, receives: [...new Set(options.receives === 'all' ? [events, acks] : [events])] }
  // Where the last session had got to: the next one goes on from there.
  const positions = new Map<string, bigint>()
  const open: Parameters<typeof keepConnected>[0]['open'] = (line, timings) =>
    openKafkaSession({ login, topics, positions, line, timings, what, group: `anonymous.${randomUUID()}` })
  return keepConnected({ what, open }, options)
}

function loginOf(address: Address, { credentials = address.credentials, tls }: BrokerOptions): KafkaLogin {
  const wantsTls = choose(address, { name: 'tls', choices: ['false', 'true'] as const }) === 'true'
  const mechanism = choose(address, { name: 'sasl', choices: MECHANISMS })
  return {
    brokers: address.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`),
    ssl: tls ?? wantsTls,
    ...(credentials === undefined ? {} : { sasl: { ...SASL[mechanism], username: credentials.user, password: credentials.password } }),
  }
}

/** The value of a parameter out of a closed list, the first one without it. */
function choose<const T extends string>(
  { parameters }: Address,
  { name, choices }: { readonly name: string; readonly choices: readonly [T, ...T[]] },
): T {
  const given = parameters.get(name)
  if (given === undefined) return choices[0]
  const found = choices.find((choice) => choice === given.toLowerCase())
  if (found === undefined) throw new BusError('invalid-url', `Got ${name}=${given}, expected one of: ${choices.join(', ')}`)
  return found
}
