import { LRUCache } from 'lru-cache'
import { createStoredList, writeSoon } from '../stored-file.js'
import type { ReadersOf } from './plain-text.js'

/** Which applications were served which plain-text files: whom a change of such a file concerns. */
export interface ReadersRecord {
  readonly readersOf: ReadersOf
  /** `path` as it was requested, before the variants of profiles. Never waits. */
  readonly remember: (path: string, applications: readonly string[]) => void
  /** Resolves when what an earlier server remembered is known too: before that, nobody may be said to have read nothing. */
  readonly loaded: Promise<void>
  /** Writes what is not on disk yet. Idempotent. */
  readonly close: () => Promise<void>
}

export interface ReadersRecordOptions {
  readonly path: string
  readonly onTrouble: (message: string, error: unknown) => void
  /** The time in which changes are gathered for one write (ms). */
  readonly pause?: number
  /** Room for paths and names of applications. */
  readonly maxBytes?: number
}

const BYTES_PER_NAME = 60
const BYTES_PER_PATH = 300
/** A file that more applications read than this is everybody's. */
const MAX_READERS = 200

/** Kept in a file, so that a restart forgets nobody; the paths that were read longest ago give way. Reading starts at once. */
export function createReadersRecord({ path, onTrouble, pause = 2_000, maxBytes = 8 * 1024 * 1024 }: ReadersRecordOptions): ReadersRecord {
  const readers = new LRUCache<string, ReadonlySet<string>>({ maxSize: maxBytes, sizeCalculation: weightOf })
  const stored = createStoredList({
    path,
    what: 'The record of readers',
    // The one that was read last comes first in the cache; put back in this order, it is the last to go.
    list: () => [...readers.entries()].toReversed().map(([read, names]) => [read, ...names]),
    onTrouble,
  })
  const add = (read: string, applications: readonly string[]): boolean => {
    const known = readers.get(read) ?? new Set()
    const added = applications.filter((application) => !known.has(application)).slice(0, MAX_READERS + 1 - known.size)
    if (added.length > 0) readers.set(read, new Set([...known, ...added]))
    return added.length > 0
  }
  const loaded = stored.read().then((entries) => {
    for (const [read, ...applications] of entries.filter(isEntry)) add(read, applications)
  })
  const onFailure = (error: unknown): void => onTrouble(`The record of readers ${path} cannot be written`, error)
  const writing = writeSoon({ write: () => loaded.then(stored.write), pause, onFailure })
  return {
    loaded,
    readersOf: (read) => {
      const applications = [...(readers.get(read) ?? [])]
      return applications.length > MAX_READERS ? ['*'] : applications
    },
    remember: (read, applications) => {
      if (add(read, applications)) writing.soon()
    },
    close: async () => {
      await loaded
      await writing.close()
    },
  }
}

function weightOf(names: ReadonlySet<string>, path: string): number {
  return [...names].reduce((sum, name) => sum + BYTES_PER_NAME + name.length * 2, BYTES_PER_PATH + path.length * 2)
}

function isEntry(entry: unknown): entry is readonly [string, ...string[]] {
  return Array.isArray(entry) && entry.length > 1 && entry.every((text) => typeof text === 'string')
}
