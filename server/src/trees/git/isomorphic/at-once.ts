/** Does what reads at once, on this thread, or says `undefined` where another thread has to. Throws what the reading throws. */
export type AtOnce = <Result>(read: () => Result) => Result | undefined

/** As long takes a disk, and not the system's memory (ms). */
const SLOW = 2
/** This thread may have lost its core once; not each time. */
const SLOW_IN_A_ROW = 2
/** How long another thread reads after that (ms). */
const PAUSE = 10_000

/**
 * For readings of a few KiB: what the system has in memory takes some 20 us at once, and some 100 to 250 us by way of another thread, which waits for a core,
 * too (15 ms behind V8's compilers were seen). A disk that is slow each time holds nobody up by more than two readings in ten seconds.
 */
export function createAtOnce(clock: () => number = performance.now.bind(performance)): AtOnce {
  let slowInARow = 0
  let notBefore = Number.NEGATIVE_INFINITY
  return (read) => {
    const started = clock()
    if (started < notBefore) return undefined
    const result = read()
    const ended = clock()
    slowInARow = ended - started > SLOW ? slowInARow + 1 : 0
    if (slowInARow === SLOW_IN_A_ROW) {
      slowInARow = 0
      notBefore = ended + PAUSE
    }
    return result
  }
}
