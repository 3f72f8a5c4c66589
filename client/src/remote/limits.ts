/** What may end something early. */
export interface Limits {
  readonly signals: readonly AbortSignal[]
  /** Gets what ends it, as long as it runs. */
  readonly stops?: Set<(reason: unknown) => void>
  /** Milliseconds of real time: connections do not wait for the clock of a test. */
  readonly ms?: number
  /** The reason when the time is over. */
  readonly late?: () => Error
}

/** A longer timer would fire at once. */
const LONGEST = 2 ** 31 - 1

/**
 * Runs something until it ends, a signal fires or the time is over; rejects then with that reason at once, whether `run` listens to its signal or not. Lets
 * go of the signals at the end, because those of a process live long (`AbortSignal.any` would gather on them).
 */
export async function within<T>({ signals, stops, ms, late }: Limits, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController()
  let fail: (reason: unknown) => void = () => {}
  const ended = new Promise<never>((_, reject) => {
    fail = reject
  })
  const stop = (reason: unknown): void => {
    own.abort(reason)
    fail(reason)
  }
  const listeners = signals.map((signal) => ({ signal, listener: () => stop(signal.reason) }))
  for (const { signal, listener } of listeners) signal.addEventListener('abort', listener)
  stops?.add(stop)
  const timer = ms === undefined ? undefined : setTimeout(() => stop(late?.()), Math.min(ms, LONGEST))
  try {
    for (const signal of signals) signal.throwIfAborted()
    return await Promise.race([run(own.signal), ended])
  } finally {
    clearTimeout(timer)
    stops?.delete(stop)
    for (const { signal, listener } of listeners) signal.removeEventListener('abort', listener)
  }
}
