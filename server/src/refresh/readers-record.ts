import { LRUCache } from 'lru-cache'
import type { ReadersOf } from './plain-text.js'

/** Which applications were served which plain-text files: whom a change of such a file concerns. */
export interface ReadersRecord {
  readonly readersOf: ReadersOf
  /** `path` as it was requested, before the variants of profiles. */
  readonly remember: (path: string, applications: readonly string[]) => void
}

const MAX_PATHS = 10_000
/** A file that more applications read than this is everybody's. */
const MAX_READERS = 200

/** Kept in memory: an instance that read a file before this server started is told again once it has read it here. */
export function createReadersRecord(): ReadersRecord {
  const readers = new LRUCache<string, Set<string>>({ max: MAX_PATHS })
  return {
    readersOf: (path) => {
      const applications = [...(readers.get(path) ?? [])]
      return applications.length > MAX_READERS ? ['*'] : applications
    },
    remember: (path, applications) => {
      const known = readers.get(path) ?? new Set<string>()
      for (const application of applications) {
        if (known.size <= MAX_READERS) known.add(application)
      }
      readers.set(path, known)
    },
  }
}
