import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { BusError } from '../errors.js'
import { tellOnce } from '../trouble.js'
import type { Credentials } from './address.js'
import { type Attempt, attempt, type Line, type Session, type Timings } from './session.js'
import type { Delivery, Transport, TransportOptions, TransportState } from './transport.js'

/** What a transport to a broker takes beside its URL; it wins over the URL. */
export interface BrokerOptions extends TransportOptions {
  readonly credentials?: Credentials
  /** Certificates and the like; its presence alone turns TLS on. */
  readonly tls?: TlsOptions
  readonly timings?: Partial<Timings>
  /** The topic that our acks take on Kafka; default `<destination>-acks`. */
  readonly ackTopic?: string
}

const defaultTimings: Timings = {
  open: 20_000,
  confirm: 5000,
  close: 800,
  silence: 30_000,
  check: 15_000,
  firstDelay: 100,
  longestDelay: 10_000,
}

/** A session that held for so long was no failed attempt. */
const STABLE = 10_000

/** What is kept connected: its name in messages, and one attempt to connect. */
export interface Target {
  readonly what: string
  readonly open: (line: Line, timings: Timings) => Promise<Session>
}

/**
 * Keeps one session with a broker: opens it, opens a new one after jittered, growing pauses when it ends for whatever reason, until it is closed. Everything
 * that can be lost (a connection, a channel, a queue, a group) ends the session, so there is one way back for all of them.
 */
export function keepConnected({ what, open }: Target, options: BrokerOptions): Transport {
  const timings = { ...defaultTimings, ...options.timings }
  const trouble = tellOnce(options.onTrouble)
  const closing = new AbortController()
  let state: TransportState = 'connecting'
  let reason: Error | undefined
  let current: Attempt | undefined
  let closed: Promise<void> | undefined

  const guarded = (call: () => void) => trouble.guard(`A subscriber of ${what}`, call)
  const become = (next: TransportState) => {
    if (state === next || state === 'closed') return
    state = next
    guarded(() => options.onState(next))
  }
  const deliver = (delivery: Delivery) => {
    if (state !== 'closed') guarded(() => options.onDelivery(delivery))
  }
  /** One session from beginning to end; says whether it held for a while. */
  const live = async (): Promise<boolean> => {
    const started = Date.now()
    current = attempt((line) => open(line, timings), { deliver, tell: trouble.tell, timings, what })
    const opened = await current.opened
    if (opened) {
      reason = undefined
      become('connected')
      trouble.forget()
    }
    reason = await current.ended
    if (closing.signal.aborted) return false
    become('connecting')
    trouble.tell(reason)
    return opened && Date.now() - started > STABLE
  }
  const run = async () => {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      if (await live()) failures = 0
      await pause(delayOf(failures, timings), undefined, { signal: closing.signal }).catch(() => {})
    }
  }
  const running = run()
  const close = async () => {
    become('closed')
    closing.abort()
    await current?.close()
    await running
  }

  return {
    state: () => state,
    reason: () => reason,
    publish: async (message) => {
      if (state === 'closed') throw new BusError('closed', `Cannot publish to ${what}: it is closed`)
      if (state !== 'connected' || !current)
        throw new BusError('not-connected', `Cannot publish to ${what}: it is ${state}, expected connected`)
      await current.publish(message)
    },
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

function delayOf(failures: number, { firstDelay, longestDelay }: Timings): number {
  return Math.min(longestDelay, firstDelay * 2 ** failures) * (0.5 + Math.random() / 2)
}
