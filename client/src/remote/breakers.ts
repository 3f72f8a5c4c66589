import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult, type IBackoff } from 'cockatiel'
import type { Clock, Logger } from '../options.js'
import type { Outcome } from './ask-server.js'
import type { Failure } from './failure.js'
import type { Server } from './servers.js'

/** A circuit breaker for each server: one that keeps failing is asked last, until its time out is over. */
export interface Breakers {
  /** Those that are well first, else in the order given. Forgets the servers that are not among them. */
  readonly arrange: (servers: readonly Server[]) => readonly Server[]
  /** Asks a server. One in its time out is asked all the same: whoever comes this far has no other. */
  readonly ask: (server: Server, ask: () => Promise<Outcome>) => Promise<Outcome>
}

export interface BreakerOptions {
  readonly clock: Clock
  readonly logger: Logger
}

interface Breaker {
  readonly ready: () => boolean
  readonly ask: (ask: () => Promise<Outcome>) => Promise<Outcome>
}

/** Failures in a row before a server is put last. */
const THRESHOLD = 3
/** How long it stays there (ms). */
const TIME_OUT = 10_000

export function openBreakers(options: BreakerOptions): Breakers {
  const breakers = new Map<string, Breaker>()
  const breakerOf = ({ base }: Server): Breaker => {
    const breaker = breakers.get(base) ?? openBreaker(base, options)
    breakers.set(base, breaker)
    return breaker
  }
  return {
    arrange: (servers) => {
      const present = new Set(servers.map(({ base }) => base))
      for (const base of breakers.keys()) if (!present.has(base)) breakers.delete(base)
      const isReady = (server: Server): boolean => breakerOf(server).ready()
      return [...servers.filter(isReady), ...servers.filter((server) => !isReady(server))]
    },
    ask: (server, ask) => breakerOf(server).ask(ask),
  }
}

/** Cockatiel asks how long a time out lasts whenever it wants to know whether it is over: the answer comes from our clock. */
function openBreaker(base: string, { clock, logger }: BreakerOptions): Breaker {
  let until = Number.NEGATIVE_INFINITY
  const timeOut: IBackoff<unknown> = {
    get duration() {
      return clock.now() < until ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    },
    next: () => timeOut,
  }
  const policy = circuitBreaker(handleWhenResult(isFault), { breaker: new ConsecutiveBreaker(THRESHOLD), halfOpenAfter: timeOut })
  policy.onBreak(() => {
    until = clock.now() + TIME_OUT
    logger.warn(`carillon: ${base} keeps failing: it is asked last for ${TIME_OUT / 1_000} seconds.`)
  })
  policy.onReset(() => logger.info(`carillon: ${base} answers again.`))
  return {
    ready: () => policy.state !== CircuitState.Open || clock.now() >= until,
    ask: async (ask) => {
      until = Number.NEGATIVE_INFINITY
      try {
        return await policy.execute(ask)
      } catch (error) {
        const last = policy.lastFailure
        // It was being tried by somebody else just now, and failed.
        if (error instanceof BrokenCircuitError && last !== undefined && 'value' in last) return last.value as Outcome
        throw error
      }
    },
  }
}

/** What says that a server is not well. A refusal or "come back later" is an answer of one that is. */
function isFault(result: unknown): boolean {
  const outcome = result as Outcome
  return outcome.kind === 'failure' && isFaulty(outcome.failure)
}

function isFaulty({ code, retryAfterMs }: Failure): boolean {
  return code !== 'unauthorized' && code !== 'not-found' && retryAfterMs === undefined
}
