import { LRUCache } from 'lru-cache'
import { createStoredList, writeSoon } from '../stored-file.js'

/** From which commit each view was last served, over restarts: what is left where the way back leads to nothing. */
export interface LastGood {
  /** Never waits. `view` names the repository, too. */
  readonly note: (view: string, commit: string) => void
  readonly get: (view: string) => Promise<string | undefined>
  /** Writes what is not on disk yet. Idempotent. */
  readonly close: () => Promise<void>
}

export interface LastGoodOptions {
  readonly path: string
  readonly onTrouble: (message: string, error: unknown) => void
  /** The time in which changes are gathered for one write (ms). */
  readonly pause?: number
  /** Room for the names of views; beyond it those are forgotten that were served longest ago. */
  readonly maxBytes?: number
}

const BYTES_PER_VIEW = 300
/** A list of names that is longer than this is nobody's. */
const MAX_NAME = 1_000

/** Nothing is kept where there is no folder for it. */
export const noLastGood: LastGood = { note: () => undefined, get: async () => undefined, close: async () => undefined }

/** Opens the record in a file; reading it starts at once. One that cannot be read is begun anew, and told to `onTrouble`. */
export function openLastGood({ path, onTrouble, pause = 5_000, maxBytes = 16 * 1024 * 1024 }: LastGoodOptions): LastGood {
  const commits = new LRUCache<string, string>({ maxSize: maxBytes, sizeCalculation: (_, view) => view.length * 2 + BYTES_PER_VIEW })
  const what = 'The record of commits that were served'
  // The one that was served last comes first in the cache; put back in this order, it is the last to go.
  const stored = createStoredList({ path, what, list: () => [...commits.entries()].toReversed(), onTrouble })
  const loaded = stored.read().then((entries) => {
    for (const [view, commit] of entries.filter(isEntry)) if (!commits.has(view)) commits.set(view, commit)
  })
  const writing = writeSoon({
    write: () => loaded.then(stored.write),
    pause,
    onFailure: (error) => onTrouble(`${what} ${path} cannot be written`, error),
  })
  return {
    note: (view, commit) => {
      if (commits.get(view) === commit || view.length > MAX_NAME) return
      commits.set(view, commit)
      writing.soon()
    },
    get: async (view) => {
      await loaded
      return commits.get(view)
    },
    close: async () => {
      await loaded
      await writing.close()
    },
  }
}

function isEntry(entry: unknown): entry is readonly [string, string] {
  return Array.isArray(entry) && entry.length === 2 && entry.every((text) => typeof text === 'string')
}
