import { createRequire } from 'node:module'
import { BusError } from '../errors.js'
import { withoutSecrets } from './address.js'
import { openAmqp } from './amqp.js'
import type { BrokerOptions } from './connection.js'
import { openKafka } from './kafka.js'
import { openMemory } from './memory.js'
import type { Transport } from './transport.js'

interface Kind {
  readonly open: (url: string, options: BrokerOptions) => Transport
  /** The library that it loads when it connects; an optional peer of this package. */
  readonly needs?: string
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['memory', { open: openMemory }],
  ['amqp', { open: openAmqp, needs: 'amqplib' }],
  ['amqps', { open: openAmqp, needs: 'amqplib' }],
  ['kafka', { open: openKafka, needs: 'kafkajs' }],
])

/**
 * Opens the transport that the URL's scheme names: `memory:NAME`, `amqp(s)://[user:password@]host[:port][,…][/vhost]`, `kafka://host[:port][,…]`. Returns at once
 * and connects in the background. Throws 'unknown-transport', 'invalid-url' or 'missing-package'.
 */
export function openTransport(url: string, options: BrokerOptions): Transport {
  return kindOf(url).open(url, options)
}

/** Opens nothing, and throws 'unknown-transport' or 'missing-package' where `openTransport` would. */
export function checkTransport(url: string): void {
  kindOf(url)
}

function kindOf(url: string): Kind {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  const kind = kinds.get(scheme ?? '')
  if (kind === undefined) {
    const known = [...kinds.keys()].map((name) => `${name}:`).join(', ')
    throw new BusError(
      'unknown-transport',
      `Got ${withoutSecrets(url) || 'nothing'} as the address of a bus, expected a URL that begins with one of: ${known}`,
    )
  }
  if (kind.needs !== undefined) requirePackage(kind.needs, `${scheme}:`)
  return kind
}

/** Throws 'missing-package' when a library is not installed; loads nothing. */
export function requirePackage(name: string, what: string): void {
  try {
    createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new BusError('missing-package', `A bus at ${what} needs the package ${name}, which is not installed: npm install ${name}`, {
      cause,
    })
  }
}
