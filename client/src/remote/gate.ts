/** Lets so many through at once; the others wait in the order in which they came. */
export interface Gate {
  /** Runs it in its turn. Rejects with the signal's reason when that fires before. */
  readonly pass: <T>(signal: AbortSignal, run: () => Promise<T>) => Promise<T>
}

/** Own, not cockatiel's bulkhead: there somebody who comes just as a place is free goes before those who wait, and who gave up keeps waiting. */
export function openGate(places: number): Gate {
  let free = places
  const waiting = new Set<() => void>()

  const enter = (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (free > 0) {
      free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(go)
        reject(signal.reason)
      }
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.add(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** The place goes from hand to hand, so that nobody can slip in between. */
  const exit = (): void => {
    const [next] = waiting
    if (next === undefined) {
      free++
      return
    }
    waiting.delete(next)
    next()
  }

  return {
    pass: async (signal, run) => {
      await enter(signal)
      try {
        return await run()
      } finally {
        exit()
      }
    },
  }
}
