import { BusError, checkTransport, openBus, openTransport } from '@carillon/bus'
import type { BusLink } from './bus-link.js'
import { ConfigError } from './errors.js'
import type { Tls } from './options.js'

/** Where a broker is, and who wants in. */
export interface BrokerAddress {
  readonly url: string
  /** Beside what the URL says: wins over it. */
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly tls?: Tls
}

interface Link extends BrokerAddress {
  /** The exchange or topic. */
  readonly destination: string | undefined
  readonly ackTopic?: string | undefined
}

/** A bus at a broker of any kind. It brings events alone: acks of others would be 250,000 deliveries among 500 instances. */
export function linkTo({ url, destination = 'springCloudBus', credentials, tls, ackTopic }: Link): BusLink {
  const options = {
    destination,
    receives: 'events' as const,
    ...(credentials ? { credentials: { user: credentials.username, password: credentials.password } } : {}),
    ...(tls ? { tls: bytesOf(tls) } : {}),
    ...(ackTopic === undefined ? {} : { ackTopic }),
  }
  return {
    check: () => translating(() => checkTransport(url)),
    join: (member) => translating(() => openBus({ ...member, openTransport: (events) => openTransport(url, { ...options, ...events }) })),
  }
}

function translating<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asConfigError(error)
  }
}

/** node:tls takes Buffers. */
function bytesOf(tls: Tls): Record<string, string | Buffer> {
  const entries = Object.entries(tls).filter((entry): entry is [string, string | Uint8Array] => entry[1] !== undefined)
  return Object.fromEntries(entries.map(([name, pem]) => [name, typeof pem === 'string' ? pem : Buffer.from(pem)]))
}

function asConfigError(error: unknown): unknown {
  if (!(error instanceof BusError)) return error
  return new ConfigError(error.code === 'missing-package' ? 'missing-package' : 'bad-options', error.message, { cause: error })
}
