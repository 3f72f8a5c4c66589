import { BusError } from '../errors.js'
import type { Delivery, Message } from './transport.js'

/** How long things may take, in milliseconds. */
export interface Timings {
  /** One attempt to connect and to set up. */
  readonly open: number
  /** Until the broker has confirmed a message. */
  readonly confirm: number
  /** A polite end. */
  readonly close: number
  /** How long a broker may say nothing before it counts as gone (Kafka; RabbitMQ has its heartbeat). */
  readonly silence: number
  /** Between two looks whether the exchange and our binding are still there (RabbitMQ does not tell). */
  readonly check: number
  /** Before the second and before the n-th attempt; jittered down to the half. */
  readonly firstDelay: number
  readonly longestDelay: number
}

/** What one attempt to connect has to go by. */
export interface Line {
  /** Aborted when the session is over: then everything that it opened is to be dropped at once, without a word. */
  readonly signal: AbortSignal
  readonly deliver: (delivery: Delivery) => void
  readonly tell: (error: Error) => void
  /** The session is of no use any more. */
  readonly end: (reason: Error) => void
  /** While there is a reason, publishing is refused with it at once; what is on its way too. */
  readonly refuse: (reason: Error | undefined) => void
}

/** A connection that is set up and receives. */
export interface Session {
  readonly publish: (message: Message) => Promise<void>
  /** Leaves politely; whoever calls waits for a limited time only. */
  readonly leave: () => Promise<void>
}

/** One attempt, from its first byte to its end. */
export interface Attempt {
  /** Whether it could be opened; never rejects. */
  readonly opened: Promise<boolean>
  /** Resolves with the reason once it is over. */
  readonly ended: Promise<Error>
  readonly publish: (message: Message) => Promise<void>
  readonly close: () => Promise<void>
}

export interface AttemptOptions extends Pick<Line, 'deliver' | 'tell'> {
  readonly timings: Timings
  /** The broker, as messages name it. */
  readonly what: string
}

/** Opens a session, with a deadline for each thing that a broker is asked for; all that it opens hangs on one signal. */
export function attempt(open: (line: Line) => Promise<Session>, { deliver, tell, timings, what }: AttemptOptions): Attempt {
  const scope = new AbortController()
  const gate = openGate()
  let session: Session | undefined
  let finish: (reason: Error) => void = () => {}
  const ended = new Promise<Error>((resolve) => {
    finish = resolve
  })
  const end = (reason: Error) => {
    if (scope.signal.aborted) return
    gate.refuse(reason)
    finish(reason)
    scope.abort()
  }
  const line: Line = {
    signal: scope.signal,
    deliver: (delivery) => (scope.signal.aborted ? undefined : deliver(delivery)),
    tell,
    end,
    refuse: (reason) => (scope.signal.aborted ? undefined : gate.refuse(reason)),
  }
  const begin = async () => {
    const tooLong = () => new BusError('not-connected', `No connection to ${what} within ${timings.open} ms`)
    try {
      session = await within(gate.pass(open(line)), { limit: timings.open, otherwise: tooLong })
      return !scope.signal.aborted
    } catch (error) {
      end(error as Error)
      return false
    }
  }
  return {
    opened: begin(),
    ended,
    publish: async (message) => {
      const reason = gate.reason()
      if (reason || !session) throw reason ?? new BusError('not-connected', `${what} is not connected yet`)
      const late = () => new BusError('not-confirmed', `${what} did not confirm a message within ${timings.confirm} ms`)
      await within(gate.pass(session.publish(message)), { limit: timings.confirm, otherwise: late })
    },
    close: async () => {
      const reason = new BusError('closed', `The connection to ${what} was closed`)
      gate.refuse(reason)
      if (session && !scope.signal.aborted) await within(session.leave(), { limit: timings.close, otherwise: () => reason }).catch(() => {})
      end(reason)
    },
  }
}

/** What is on its way, so that it can be refused all at once. */
function openGate() {
  const waiting = new Set<(reason: Error) => void>()
  let refusal: Error | undefined
  return {
    reason: () => refusal,
    refuse: (reason: Error | undefined) => {
      refusal = reason
      if (reason) for (const reject of [...waiting]) reject(reason)
    },
    pass: <T>(promise: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waiting.add(reject)
        promise.then(resolve, reject).finally(() => waiting.delete(reject))
      }),
  }
}

/** The outcome of a promise, or the error `otherwise` when it takes longer than the limit (ms). */
function within<T>(promise: Promise<T>, { limit, otherwise }: { readonly limit: number; readonly otherwise: () => Error }): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(otherwise()), limit)
    promise.then(resolve, reject).finally(() => clearTimeout(late))
  })
}
