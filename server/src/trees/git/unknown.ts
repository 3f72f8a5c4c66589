import { LRUCache } from 'lru-cache'

/** Asks the remote for labels that the clone lacks, seldom enough that made-up labels do no harm. */
export interface UnknownLabels {
  /** Resolves when the remote was asked, or when asking now would be pointless. Never rejects. */
  ask(label: string): Promise<void>
  /** Forgets what the remote lacked: its refs moved. */
  clear(): void
}

export interface UnknownOptions {
  /** Looks at the remote, within a deadline. */
  readonly look: () => Promise<void>
  /** How long a label that the remote lacks is remembered (ms). */
  readonly kept?: number
  /** The least time between two looks for the sake of unknown labels, whatever their names (ms). */
  readonly pause?: number
  readonly clock?: () => number
}

/** Room for labels that the remote lacks (bytes). */
const MISSES = 1024 * 1024

/** One look at a time, shared by all who wait. */
export function openUnknownLabels({ look, kept = 5000, pause = 1000, clock = Date.now }: UnknownOptions): UnknownLabels {
  const absent = new LRUCache<string, number>({ maxSize: MISSES, sizeCalculation: (_, label) => label.length * 2 + 100 })
  let asking: Promise<void> | undefined
  let asked = Number.NEGATIVE_INFINITY

  const start = (): Promise<void> => {
    asked = clock()
    asking = look()
      // Why the remote could not be asked is in the status; for the reader the label is absent.
      .catch(() => undefined)
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  return {
    async ask(label) {
      if (asking === undefined && (clock() - asked < pause || clock() < (absent.get(label) ?? 0))) return
      await (asking ?? start())
      absent.set(label, clock() + kept)
    },
    clear: () => absent.clear(),
  }
}
