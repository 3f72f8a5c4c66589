import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../client/src/index.js'

/** Time that passes when a test says so. */
export interface ManualClock extends Clock {
  /** Lets so many milliseconds pass: whoever sleeps wakes in its order, and what it then does is done before the next one wakes. */
  readonly pass: (milliseconds: number) => Promise<void>
  readonly sleepers: () => number
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** How often the loop turns for what a woken sleeper does (a question over HTTP takes a few). */
const TURNS = 40

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start
  const sleepers = new Set<Sleeper>()
  const sleep: Clock['sleep'] = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { until: now + milliseconds, wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', leave, { once: true })
    })
  const settle = async () => {
    for (let i = 0; i < TURNS; i++) await turn()
  }
  const pass = async (milliseconds: number) => {
    const end = now + milliseconds
    await settle()
    for (;;) {
      const [next] = [...sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)
      if (next === undefined) break
      now = Math.max(now, next.until)
      next.wake()
      await settle()
    }
    now = end
  }
  return { now: () => now, sleep, pass, sleepers: () => sleepers.size }
}
