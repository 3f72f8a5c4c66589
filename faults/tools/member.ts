import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Bus, openBus, openTransport } from '@carillon/bus'

/** What made an instance look; `away` is the poll of one that is not on the bus. */
export type Cause = 'start' | 'bus' | 'reconnect' | 'poll' | 'away'

/** What an instance runs. */
export interface Running {
  readonly commit: string
  readonly digest: string
  readonly values: ReadonlyMap<string, string>
}

export interface MemberOptions {
  readonly application: string
  readonly index: number
  readonly bus: string
  /** Servers to read from; another one each time. */
  readonly servers: () => readonly string[]
  /** Milliseconds between two polls. */
  readonly poll: number
  /** Told of each answer before it is applied. */
  readonly onMove: (from: Running | undefined, to: Running) => void
}

/** An instance: told by the bus, and looking for itself when it comes back to the bus and now and then. */
export interface Member {
  readonly name: string
  readonly application: string
  readonly running: () => Running | undefined
  readonly isConnected: () => boolean
  /** New values, by what brought them. What a poll brought a moment before the bus told of it counts as the bus's. */
  readonly news: () => Readonly<Record<Cause, number>>
  /** Whether the bus may still tell of what a poll brought. */
  readonly isOwed: () => boolean
  /** How often a server said for so long that it lacks a commit that the instance asked for whatever there is. */
  readonly gaveUp: () => number
  /** The last reason why it could not read; for messages. */
  readonly trouble: () => string
  readonly close: () => Promise<void>
}

/** How long `lagging` is believed (ms): a branch that was reset to an older commit is no lag. */
const LAG = 8_000
/** A bus that tells of news this long after a poll brought them has told (ms). */
const MOMENT = 10_000

export function openMember({ application, index, bus: url, servers, poll, onMove }: MemberOptions): Member {
  const name = `${application}-${index}`
  const closing = new AbortController()
  const news = { start: 0, bus: 0, reconnect: 0, poll: 0, away: 0 }
  let early: { readonly cause: Cause; readonly at: number }[] = []
  let running: Running | undefined
  let etag: string | undefined
  let turn = index
  let gaveUp = 0
  let connections = 0
  let trouble = ''
  let work: Promise<unknown> = Promise.resolve()

  const read = async (server: string, atLeast: string | undefined): Promise<Running | 'unchanged' | 'lagging'> => {
    const headers = { ...(etag && { 'if-none-match': etag }), ...(atLeast && { 'x-carillon-at-least': atLeast }) }
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(10_000)])
    const answer = await fetch(`${server}/${application}/prod`, { headers, signal })
    const body = await answer.text()
    if (answer.status === 503 && body.includes('has not arrived')) return 'lagging'
    if (answer.status !== 200 && answer.status !== 304) throw new Error(`${answer.status}: ${body}`)
    const of = (header: string): string => answer.headers.get(header) ?? ''
    const values = answer.status === 304 ? (running?.values ?? new Map()) : valuesOf(body)
    const next = { commit: of('x-carillon-commit'), digest: of('x-carillon-digest'), values }
    const isNews = next.digest !== running?.digest
    onMove(running, next)
    running = next
    etag = answer.headers.get('etag') ?? undefined
    return isNews ? next : 'unchanged'
  }
  /** First a server that is not older than what runs here, then not older than what was told of: two questions to the same one. */
  const readBoth = async (server: string, told: string | undefined): Promise<'read' | 'lagging'> => {
    const own = running?.commit
    if ((own !== undefined || told === undefined) && (await read(server, own)) === 'lagging') return 'lagging'
    if (told !== undefined && told !== running?.commit && (await read(server, told)) === 'lagging') return 'lagging'
    return 'read'
  }
  const nextServer = (): string => {
    const all = servers()
    return all[turn++ % all.length] ?? ''
  }
  /** Says whether there was news. A server that lags sends to the next one, until all of them have for long. */
  const lookOnce = async (told: string | undefined): Promise<boolean> => {
    const before = running?.digest
    for (const until = Date.now() + LAG; (await readBoth(nextServer(), told)) === 'lagging'; await pause(200)) {
      if (Date.now() < until) continue
      gaveUp++
      await read(nextServer(), undefined)
      break
    }
    return running?.digest !== before
  }
  /** Tries until there is an answer; the poll comes again by itself. */
  const look = async (cause: Cause, told?: string): Promise<boolean> => {
    for (; !closing.signal.aborted; await pause(100)) {
      try {
        const isNews = await lookOnce(told)
        if (isNews) count(cause)
        return isNews
      } catch (error) {
        trouble = String(error)
        if (cause === 'poll' || cause === 'away') return false
      }
    }
    return false
  }
  const count = (cause: Cause): void => {
    news[cause]++
    if (cause !== 'bus') early.push({ cause, at: Date.now() })
  }
  const next = (cause: Cause, told?: string): Promise<boolean> => {
    const looked = work.then(() => look(cause, told))
    work = looked
    return looked
  }
  const creditBus = (): void => {
    for (const { cause, at } of early) {
      if (Date.now() - at > MOMENT) continue
      news[cause]--
      news.bus++
    }
    early = []
  }
  const bus: Bus = openBus({
    busId: `${application}:prod:${name}-${randomUUID()}`,
    openTransport: (events) =>
      openTransport(url, { ...events, destination: 'springCloudBus', receives: 'events', timings: { longestDelay: 1000 } }),
    onEvent: async (_event, { commits }) => {
      const isNews = await next('bus', commits?.[0])
      creditBus()
      return { outcome: isNews ? 'applied' : 'unchanged', ...(running && { commits: [running.commit] }) }
    },
    onState: (state) => {
      // Events may have been missed before each connection but the first.
      if (state === 'connected' && connections++ > 0) void next('reconnect')
    },
  })
  void next('start')
  const timer = setInterval(() => void next(bus.state() === 'connected' ? 'poll' : 'away'), poll * (0.8 + Math.random() * 0.4))
  return {
    name,
    application,
    running: () => running,
    isConnected: () => bus.state() === 'connected',
    news: () => ({ ...news }),
    isOwed: () => early.some(({ cause, at }) => cause === 'poll' && Date.now() - at < MOMENT),
    gaveUp: () => gaveUp,
    trouble: () => trouble,
    close: async () => {
      clearInterval(timer)
      closing.abort()
      await bus.close()
    },
  }
}

/** The values of an environment, the strongest source last. */
function valuesOf(body: string): ReadonlyMap<string, string> {
  const { propertySources } = JSON.parse(body) as { readonly propertySources: readonly { readonly source: Record<string, string> }[] }
  return new Map(propertySources.toReversed().flatMap(({ source }) => Object.entries(source)))
}
