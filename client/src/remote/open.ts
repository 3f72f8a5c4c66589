import { systemClock } from '../clock.js'
import { ConfigError } from '../errors.js'
import type { Auth, Clock, Discovery, Logger, Timeouts, Tls } from '../options.js'
import { type Asked, type Asking, askServer, type Outcome } from './ask-server.js'
import { authorizationOf } from './authorization.js'
import { type Breakers, openBreakers } from './breakers.js'
import { errorOf, type Failure } from './failure.js'
import { openFetch } from './fetch.js'
import { openGate } from './gate.js'
import { openHttp } from './http.js'
import { within } from './limits.js'
import type { Question, Remote, Reply } from './remote.js'
import { type FindServers, type Server, serversOf } from './servers.js'
import { targetOf } from './target.js'

/** Whom to ask, and how. All but `servers` has a default. */
export interface RemoteOptions {
  readonly servers: readonly string[] | Discovery
  /** Default: `application`. */
  readonly names?: readonly string[] | undefined
  /** Default: `default`. */
  readonly profiles?: readonly string[] | undefined
  /** Of several the first that a server has; none: the server's default. */
  readonly labels?: readonly string[] | undefined
  readonly auth?: Auth | undefined
  readonly tls?: Tls | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Default: 2,000 to connect, 10,000 for a whole answer. */
  readonly timeouts?: Timeouts | undefined
  readonly failover?: 'always' | 'connection-only' | undefined
  readonly balance?: 'ordered' | 'random' | undefined
  /** The largest body, after decompression. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
  readonly logger?: Logger | undefined
}

/** Everything that a question needs. */
interface Parts {
  readonly find: FindServers
  readonly labels: readonly string[]
  readonly breakers: Breakers
  readonly asking: Asking
  readonly failover: 'always' | 'connection-only'
  /** The servers in the order in which this question asks them. */
  readonly balanced: (servers: readonly Server[]) => readonly Server[]
}

const MAX_BYTES = 64 * 1024 * 1024
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Of all remotes of the process together: a burst of events shall not become one of connections. */
const gate = openGate(8)

/** Opens the way to the servers; nothing is asked yet. Throws ConfigError 'bad-options'. */
export function openRemote(options: RemoteOptions): Remote {
  const parts = partsOf(options)
  const asking = new Set<(reason: unknown) => void>()
  let closed = false
  return {
    ask: async (question) => {
      if (closed) throw closedError()
      return within({ signals: [question.signal], stops: asking }, (signal) => gate.pass(signal, () => askAll(question, parts, signal)))
    },
    close: () => {
      closed = true
      for (const stop of asking) stop(closedError())
      parts.asking.exchange.close()
    },
  }
}

function closedError(): ConfigError {
  return new ConfigError('closed', 'The configuration was closed.')
}

function partsOf(options: RemoteOptions): Parts {
  const { servers, auth, tls, fetch, timeouts = {}, failover = 'always', balance = 'ordered' } = options
  const { clock = systemClock, random = Math.random, logger = SILENT, maxBytes = MAX_BYTES } = options
  const { connectMs = 2_000, readMs = 10_000 } = timeouts
  const view = { names: orDefault(options.names, 'application'), profiles: orDefault(options.profiles, 'default') }
  const labels = orDefault(options.labels, '').map((label) => label.trim())
  for (const label of labels) targetOf(view, label)
  const headers = lowerCased(options.headers)
  const authorization = authorizationOf(auth, headers)
  return {
    find: serversOf(servers, readMs),
    labels,
    breakers: openBreakers({ clock, logger }),
    failover,
    balanced: (found) => (balance === 'random' ? rotated(found, Math.floor(random() * found.length)) : found),
    asking: {
      // Last, because it holds something: all other options are checked by now.
      exchange: fetch === undefined ? openHttp({ tls, connectMs }) : openFetch(fetch),
      authorization,
      headers,
      view,
      readMs,
      maxBytes,
      now: clock.now,
    },
  }
}

/** So that no header goes twice, in letters of two kinds. */
function lowerCased(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function orDefault(list: readonly string[] | undefined, otherwise: string): readonly string[] {
  return list === undefined || list.length === 0 ? [otherwise] : list
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  return [...list.slice(by), ...list.slice(0, by)]
}

/**
 * Label after label, each with all servers, as Spring's client does it: the next label is asked for where the one before was "not found". A server that
 * failed otherwise is not asked again in the same question.
 */
async function askAll(question: Question, parts: Parts, signal: AbortSignal): Promise<Reply> {
  const { view } = parts.asking
  let servers = parts.breakers.arrange(parts.balanced(await parts.find(signal)))
  const failures: Failure[] = []
  for (const label of parts.labels) {
    const round = await askForLabel({ servers, label, question, signal }, parts)
    if (round.reply !== undefined) return round.reply
    failures.push(...round.failures)
    servers = round.lackingIt
    if (servers.length === 0) break
  }
  throw errorOf(failures, { ...view, labels: parts.labels.filter((label) => label !== '') })
}

interface Round {
  readonly reply?: Reply
  readonly failures: readonly Failure[]
  /** The servers that answered that they do not have it. */
  readonly lackingIt: readonly Server[]
}

async function askForLabel(
  { servers, ...asked }: Omit<Asked, 'server'> & { readonly servers: readonly Server[] },
  { breakers, asking, failover }: Parts,
): Promise<Round> {
  const failures: Failure[] = []
  const lackingIt: Server[] = []
  for (const server of servers) {
    const outcome: Outcome = await breakers.ask(server, () => askServer({ ...asked, server }, asking))
    if (outcome.kind === 'reply') return { reply: outcome.reply, failures, lackingIt }
    const { failure } = outcome
    failures.push(failure)
    if (failure.code === 'not-found') lackingIt.push(server)
    if (failover === 'connection-only' && failure.code !== 'unreachable' && failure.code !== 'timeout') break
  }
  return { failures, lackingIt }
}
