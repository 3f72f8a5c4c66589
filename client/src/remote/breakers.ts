import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult, type IBackoff } from 'cockatiel'
import type { Clock, Logger } from '../options.js'
import type { Outcome } from './ask-server.js'
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
  readonly isReady: () => boolean
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
      const ready = new Set(servers.filter(({ base }) => breakers.get(base)?.isReady() ?? true))
      return [...ready, ...servers.filter((server) => !ready.has(server))]
    },
    ask: async (server, ask) => {
      const breaker = breakers.get(server.base)
      if (breaker !== undefined) return breaker.ask(ask)
      const outcome = await ask()
      // Most servers never fail and need none: to make one takes as long as to read a small answer.
      return isFault(outcome) ? breakerOf(server).ask(async () => outcome) : outcome
    },
  }
}

function openBreaker(base: string, { clock, logger }: BreakerOptions): Breaker {
  let until = Number.NEGATIVE_INFINITY
  // Cockatiel asks how long a time out lasts whenever it wants to know whether it is over: so the answer can come from our clock.
  const timeOut: IBackoff<unknown> = {
    get duration() {
      return clock.now() < until ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    },
    next: () => timeOut,
  }
  // A trial that the caller gave up proves nothing: the server stays where it is.
  const faults = handleWhenResult((result) => isFault(result as Outcome)).orWhen(() => policy.state === CircuitState.HalfOpen)
  const policy = circuitBreaker(faults, { breaker: new ConsecutiveBreaker(THRESHOLD), halfOpenAfter: timeOut })
  policy.onBreak(() => {
    until = clock.now() + TIME_OUT
    logger.debug(`Configuration: ${base} keeps failing; for ${TIME_OUT / 1_000} seconds it is asked last.`)
  })
  policy.onReset(() => logger.debug(`Configuration: ${base} answers again.`))
  return {
    // While somebody tries it, nobody who has another one waits for that.
    isReady: () => policy.state === CircuitState.Closed || (policy.state === CircuitState.Open && clock.now() >= until),
    ask: async (ask) => {
      until = Number.NEGATIVE_INFINITY
      try {
        return await policy.execute(ask)
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error
        const last = policy.lastFailure
        // Somebody else was trying it just now: what came of that is the answer, unless it was given up.
        return last !== undefined && 'value' in last ? (last.value as Outcome) : ask()
      }
    },
  }
}

/** What says that a server is not well. A refusal, or "come back later", is an answer of one that is. */
function isFault(outcome: Outcome): boolean {
  if (outcome.kind === 'reply') return false
  const { code, retryAfterMs } = outcome.failure
  return code !== 'unauthorized' && code !== 'not-found' && retryAfterMs === undefined
}
