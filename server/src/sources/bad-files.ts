import { LRUCache } from 'lru-cache'
import type { ServerError } from '../errors.js'
import type { Authored } from '../trees/tree.js'

/** A file that cannot be read in the commit that a label means, met by a view. */
export interface BadFile {
  /** Without credentials. */
  readonly repository: string
  readonly label: string
  /** Says which commit that is, where in the file the trouble is, and what was expected. */
  readonly error: ServerError
  /** The commit from which the view is served instead; absent where there is none. */
  readonly served?: string
  /** The first commit in which the view cannot be read, and whose it is. */
  readonly since?: { readonly commit: string } & Partial<Authored>
}

/** What is known to be bad now: for logs and health. */
export interface BadFiles {
  /** `again` asks for the view once more: what is mended is not met again. */
  readonly note: (found: BadFile & { readonly again: () => Promise<unknown> }) => void
  /** Looks at each once more, and gives those that still are bad. */
  readonly all: () => Promise<readonly BadFile[]>
}

export interface BadFilesOptions {
  /** Told once for each bad file of each commit. */
  readonly onBad: (bad: BadFile) => void
}

/** More are not kept: the first of them say enough. */
const MAX_BAD = 100
/** Room for the names of what was told once (bytes). */
const TOLD = 4 * 1024 * 1024

type Noted = Parameters<BadFiles['note']>[0]

export function createBadFiles({ onBad }: BadFilesOptions): BadFiles {
  const bad = new LRUCache<string, Noted>({ max: MAX_BAD })
  const told = new LRUCache<string, true>({ maxSize: TOLD, sizeCalculation: (_, telling) => telling.length * 2 + 100 })
  const recheck = async (key: string, { again }: Noted): Promise<void> => {
    const before = bad.get(key)
    await again().catch(() => undefined)
    // Who met it again has noted it anew.
    if (bad.get(key) === before) bad.delete(key)
  }
  return {
    note: (found) => {
      const { repository, label, error } = found
      const key = JSON.stringify([repository, label, error.place.file ?? error.message])
      bad.set(key, found)
      const telling = `${key} ${error.place.commit}`
      if (told.has(telling)) return
      told.set(telling, true)
      onBad(found)
    },
    all: async () => {
      for (const [key, noted] of [...bad.entries()]) await recheck(key, noted)
      return [...bad.values()].map(({ again: _, ...found }) => found)
    },
  }
}
