import { ConfigError } from '../errors.js'
import type { DiscoveredServer, Discovery } from '../options.js'
import { within } from './limits.js'
import { messageOf } from './trouble.js'

/** One server. */
export interface Server {
  /** Where it is, without credentials and without a `/` at the end. */
  readonly base: string
  readonly credentials?: Credentials
}

/** Basic credentials that came with a server. */
export interface Credentials {
  readonly from: 'uri' | 'metadata'
  readonly header: string
}

/** Finds the servers for one question. Rejects with ConfigError 'unreachable' where there is none. */
export type FindServers = (signal: AbortSignal) => Promise<readonly Server[]>

/** The servers of a list, or those that a discovery knows of at the time of the question. Throws 'bad-options' for what is no http uri. */
export function serversOf(servers: readonly string[] | Discovery, readMs: number): FindServers {
  if ('resolve' in servers) {
    const late = () => new ConfigError('unreachable', `The discovery of configuration servers did not answer within ${readMs} ms.`)
    return (signal) => within({ signals: [signal], ms: readMs, late }, (own) => discover(servers, own))
  }
  if (servers.length === 0) throw new ConfigError('bad-options', 'There is no server to ask: `uri` is an empty list.')
  const list = servers.map((uri) => readServer({ uri }))
  return () => Promise.resolve(list)
}

/** A uri for messages, without what may be secret: all before its last `@`, and what follows a `?` or `#`. */
function redacted(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@').replace(/[?#].*$/s, '?***')
}

async function discover(discovery: Discovery, signal: AbortSignal): Promise<readonly Server[]> {
  const found = await resolve(discovery, signal)
  if (found.length === 0) throw new ConfigError('unreachable', 'The discovery knows of no configuration server.')
  const servers = found.flatMap(readFound)
  if (servers.length > 0) return servers
  const given = found.map(({ uri }) => `'${redacted(uri)}'`).join(', ')
  throw new ConfigError('unreachable', `The discovery gave ${given}, expected uris such as http://localhost:8888.`)
}

/** One entry that is wrong does not stand in the way of the others. */
function readFound(found: DiscoveredServer): readonly Server[] {
  try {
    return [readServer(found)]
  } catch {
    return []
  }
}

async function resolve(discovery: Discovery, signal: AbortSignal): Promise<readonly DiscoveredServer[]> {
  try {
    return await discovery.resolve(signal)
  } catch (cause) {
    signal.throwIfAborted()
    throw new ConfigError('unreachable', `The discovery of configuration servers failed: ${messageOf(cause)}`, { cause })
  }
}

function readServer({ uri, metadata = {} }: DiscoveredServer): Server {
  const url = readUri(uri)
  const { configPath = '', user = 'user', password = '' } = metadata
  const path = `${url.pathname.replace(/\/+$/, '')}/${configPath.replace(/^\/+/, '')}`.replace(/\/+$/, '')
  const base = `${url.origin}${path}`
  if (password !== '') return { base, credentials: { from: 'metadata', header: basic(user, password) } }
  // Spring's client sends credentials only if there is a password, for `user` where no name is given.
  if (url.password === '') return { base }
  return { base, credentials: { from: 'uri', header: basic(plain(url.username) || 'user', plain(url.password)) } }
}

function readUri(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url
  throw new ConfigError(
    'bad-options',
    `'${redacted(uri)}' is no uri of a server, expected one such as http://localhost:8888 or https://host/path.`,
  )
}

/** The `Authorization` of HTTP Basic (RFC 7617). */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** What is not encoded properly is taken as it is. */
function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
