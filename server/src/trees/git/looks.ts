import { setTimeout as pause } from 'node:timers/promises'
import { createAllowance } from './allowance.js'

/** Looks at a remote: one at a time, in the background, and when somebody asks. */
export interface Looks {
  /** Starts a look where the last one is older than the interval. Never waits, never throws. */
  touch(): void
  /**
   * A look that starts after now; shared by all who ask meanwhile. Rejects with why it failed, or when the signal says so. Where looks have failed again and
   * again, and it is too early to try again, nothing starts and the last failure is the answer. Who asks without end gets one a second.
   */
  now(signal: AbortSignal): Promise<void>
  /** Whether failures say that it is too early to try again. */
  isBackingOff(): boolean
  close(): Promise<void>
}

export interface LooksOptions {
  readonly look: (signal: AbortSignal) => Promise<void>
  /** Milliseconds between two looks in the background now; `undefined` for never. */
  readonly interval: () => number | undefined
  /** How long a look may take (ms). */
  readonly longest?: number
  readonly clock?: () => number
  readonly random?: () => number
  readonly sleep?: (time: number, signal: AbortSignal) => Promise<void>
}

const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 60_000
/** A remote that sends a byte now and then is never silent: this ends a look whatever happens (ms). */
const LONGEST_LOOK = 15 * 60_000
/** After so many failures in a row nobody's asking is a reason to try before the pause is over. */
const BROKEN = 5
/** Looks that others ask for: webhooks, and clients that were told of a commit. A header can be made up. */
const ASKED = { atOnce: 20, each: 1000 }

/** Begins with a look. Failures are repeated after 1, 2, 4… s with jitter, but not later than the interval; a remote that is back is noticed that soon. */
export function openLooks(options: LooksOptions): Looks {
  const { look, interval, longest = LONGEST_LOOK, clock = Date.now, random = Math.random, sleep = sleepUntil } = options
  const allowance = createAllowance({ ...ASKED, clock })
  const closing = new AbortController()
  let closed = false
  let failure: unknown
  let stop = new AbortController()
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let started = 0
  let failures = 0
  let notBefore = 0
  let timer: NodeJS.Timeout | undefined

  const run = (): Promise<void> => {
    if (closed) return Promise.reject(new Error('the repository is closed'))
    clearTimeout(timer)
    started = clock()
    stop = new AbortController()
    const deadline = setTimeout(() => stop.abort(new Error('it took too long')), longest).unref()
    running = look(stop.signal)
      .then(
        () => {
          failures = 0
          notBefore = 0
        },
        (error: unknown) => {
          // Counted from its start: a remote that hung is not waited for twice.
          notBefore = Math.max(started + pauseAfter(failures, interval() ?? LONGEST_PAUSE, random()), clock())
          failures += 1
          failure = error
          throw error
        },
      )
      .finally(() => {
        clearTimeout(deadline)
        running = undefined
        schedule()
      })
    return running
  }
  // Whoever looks at the state learns of failures; nobody waits for these.
  const runUnwatched = () => void run().catch(() => undefined)
  const schedule = () => {
    const wait = failures > 0 ? notBefore - clock() : interval()
    clearTimeout(timer)
    if (wait === undefined || closed) return
    timer = setTimeout(() => running === undefined && runUnwatched(), Math.max(wait, 10)).unref()
  }
  runUnwatched()

  const isBackingOff = () => clock() < notBefore
  const runAsked = (): Promise<void> => {
    if (failures >= BROKEN && isBackingOff()) return Promise.reject(failure)
    allowance.take()
    return run()
  }
  /** For all who ask until it starts. */
  const runNext = async (): Promise<void> => {
    while (!closed && (running !== undefined || allowance.wait() > 0)) {
      await running?.catch(() => undefined)
      const wait = allowance.wait()
      if (wait > 0) await sleep(wait, closing.signal)
    }
    next = undefined
    return runAsked()
  }

  return {
    isBackingOff,
    touch() {
      const wait = interval()
      if (running !== undefined || wait === undefined || clock() < notBefore || clock() - started < wait) return
      runUnwatched()
    },
    async now(signal) {
      signal.throwIfAborted()
      if (next === undefined && running === undefined && allowance.wait() === 0) return abortable(runAsked(), signal)
      next ??= runNext()
      return abortable(next, signal)
    },
    async close() {
      closed = true
      closing.abort()
      stop.abort(new Error('the repository is closed'))
      clearTimeout(timer)
      await running?.catch(() => undefined)
    },
  }
}

async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  await pause(time, undefined, { ref: false, signal }).catch(() => undefined)
}

function pauseAfter(failures: number, interval: number, random: number): number {
  const longest = Math.min(interval, LONGEST_PAUSE)
  return Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), longest) * (0.5 + random / 2)
}

/** Stops waiting when the signal says so; what was waited for goes on. */
function abortable(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
