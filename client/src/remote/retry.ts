import { systemClock } from '../clock.js'
import { type Attempt, ConfigError } from '../errors.js'
import type { Clock, Retry } from '../options.js'
import { listing } from './failure.js'
import { within } from './limits.js'
import type { Question, Remote, RemoteDocument } from './remote.js'

/** A question of somebody who has nothing yet. */
type FirstQuestion = Omit<Question, 'known'>

/** How long to go on asking. */
export interface Persistence {
  /** Milliseconds from now until it is given up. */
  readonly startupMs: number
  /** Pauses between rounds; `false`: one round. */
  readonly retry?: Retry | false | undefined
  readonly clock?: Clock | undefined
  /** From 0 up to 1. */
  readonly random?: (() => number) | undefined
  /** Called after each round that failed, before the pause. */
  readonly onAttempt?: ((failed: FailedRound) => void) | undefined
}

export interface FailedRound {
  readonly error: ConfigError
  /** From 1. */
  readonly round: number
  /** Milliseconds until the next one. */
  readonly pauseMs: number
}

/** The last round begins so long before the end (ms): a server that comes up during the longest pause is still met. */
const LAST_ROUND = 1_000

/**
 * Asks round after round until there is an answer or a definite refusal (see `isDefinite`). When the time is over, throws what the last round threw, with
 * the last attempt at each server, or 'timeout' where no round came to an end. Throws the reason of the question's signal. Pauses keep no process alive.
 */
export async function askUntil(remote: Remote, question: FirstQuestion, persistence: Persistence): Promise<RemoteDocument> {
  const { startupMs, retry = {}, onAttempt, clock = systemClock, random = Math.random } = persistence
  const until = clock.now() + startupMs
  const last = until - Math.min(LAST_ROUND, startupMs / 4)
  const attempts = new Map<string, Attempt>()
  for (let round = 1; ; round++) {
    const outcome = await askRound({ remote, question, attempts, ms: Math.max(0, until - clock.now()) })
    if (!(outcome instanceof ConfigError)) return outcome
    if (isDefinite(outcome)) throw outcome
    const { retryAfterMs = 0 } = outcome
    const left = last - clock.now()
    if (retry === false || left <= 0 || retryAfterMs > until - clock.now()) throw givenUp({ error: outcome, startupMs, round, attempts })
    const pauseMs = Math.max(retryAfterMs, Math.min(left, pauseOf(retry, round, random)))
    onAttempt?.({ error: outcome, round, pauseMs })
    await clock.sleep(pauseMs, question.signal)
  }
}

interface Round {
  readonly remote: Remote
  readonly question: FirstQuestion
  /** Gets the last attempt at each server. */
  readonly attempts: Map<string, Attempt>
  readonly ms: number
}

async function askRound({ remote, question, attempts, ms }: Round): Promise<RemoteDocument | ConfigError> {
  const onAttempt = (attempt: Attempt): void => {
    attempts.set(attempt.uri, attempt)
    question.onAttempt?.(attempt)
  }
  const late = () => new ConfigError('timeout', 'no server answered in time')
  try {
    const reply = await within({ signals: [question.signal], ms, late }, (signal) => remote.ask({ ...question, signal, onAttempt }))
    return reply.kind === 'document'
      ? reply.document
      : new ConfigError('bad-response', 'the server says that nothing changed, and nothing was known')
  } catch (error) {
    question.signal.throwIfAborted()
    if (!(error instanceof ConfigError)) throw error
    for (const attempt of error.attempts) attempts.set(attempt.uri, attempt)
    return error
  }
}

/**
 * Whether asking again leads to nothing: refused credentials, options that cannot be meant, and answers that say of every server that it understood the
 * question and has nothing (4xx). Where one server has no such application and another cannot be reached, that one may have it.
 */
function isDefinite({ code, attempts, retryAfterMs }: ConfigError): boolean {
  if (code === 'unauthorized' || code === 'bad-options' || code === 'closed') return true
  if (retryAfterMs !== undefined) return false
  return attempts.length > 0 && attempts.every(({ status = 0 }) => status >= 400 && status < 500 && !PASSING.has(status))
}

/** Refusals that pass: request timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Full jitter: anything between nothing and the whole pause, so that a thousand instances do not come at once. */
function pauseOf({ baseMs = 250, factor = 2, maxMs = 10_000 }: Retry, round: number, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * factor ** (round - 1))
}

interface GivingUp {
  readonly error: ConfigError
  readonly startupMs: number
  readonly round: number
  readonly attempts: ReadonlyMap<string, Attempt>
}

function givenUp({ error, startupMs, round, attempts }: GivingUp): ConfigError {
  if (round === 1 && error.attempts.length > 0) return error
  const list = [...attempts.values()]
  const rounds = round === 1 ? 'one round' : `${round} rounds`
  const told = list.length === 0 ? `: ${error.message}` : listing(list)
  return new ConfigError(error.code, `No server gave the configuration within ${startupMs} ms, in ${rounds}${told}`, {
    attempts: list,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    cause: error,
  })
}
