import { LRUCache } from 'lru-cache'
import { ServerError } from '../../errors.js'
import type { TreeEntry } from '../tree.js'
import { parseTree } from './parse.js'

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'

/** An object of a repository. Of one that is larger than `LARGEST_OBJECT` the engine may leave the bytes out: `size` says what it has. */
export interface GitObject {
  readonly type: ObjectType
  readonly size: number
  readonly bytes: Uint8Array
}

/** How an engine reads one object database; keeps nothing that must be bounded by others. */
export interface ObjectStore {
  /** Full ids have this many digits. */
  readonly idLength: 40 | 64
  load(id: string): Promise<GitObject | undefined>
  expand(digits: string): Promise<string | undefined>
  forgetPacks(): void
  close(): Promise<void>
}

/** Reads one object database. Objects never change, so what was read is kept, within bounds. */
export interface Objects extends Omit<ObjectStore, 'load'> {
  /** The object with this full id, `undefined` where the database has none. Throws what a damaged database makes the reader throw. */
  find(id: string): Promise<GitObject | undefined>
  /** The entries of a tree in code unit order, `undefined` where there is no such tree. Throws `too-large` over the limit. */
  tree(id: string): Promise<readonly TreeEntry[] | undefined>
  /** The same where it is in memory. */
  keptTree(id: string): readonly TreeEntry[] | undefined
  /** The full id that begins with these (at least 4) digits, `undefined` where none or more than one does. */
  expand(digits: string): Promise<string | undefined>
  /** Lets go of packs held in memory: another program repacked. What was parsed stays, because an id names its content. */
  forgetPacks(): void
  /** Ends what runs for it; nothing can be found any more. May be called again. */
  close(): Promise<void>
}

/** The largest object that is read, in bytes: no file that is served is larger. */
export const LARGEST_OBJECT = 32 * 1024 * 1024

/** The bytes of an object that is to be parsed. Throws `too-large` where an engine may have left them out: it is there, so nothing is damaged. */
export function bytesOf(id: string, { type, size, bytes }: GitObject): Uint8Array {
  if (size <= LARGEST_OBJECT) return bytes
  const place = type === 'commit' ? { commit: id } : {}
  throw new ServerError('too-large', `the ${type} ${id} has ${size} bytes, more than the ${LARGEST_OBJECT} that are read`, place)
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'too-large'
}

/** Bytes that are to be kept, without what else is in their buffer: Node.js gives out small ones as parts of a large one. */
function alone(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

const MEBIBYTE = 1024 * 1024
const LARGEST_KEPT = MEBIBYTE / 4
/** Reading one again takes far less time than what is then done with it. */
const KEPT_BLOBS = 8 * MEBIBYTE
/** One flat folder of 150,000 names has room: without it, each read would begin with all of them. */
const KEPT_TREES = 32 * MEBIBYTE
const MOST_ONCE = 5_000

/** What was read once, in front of a store: one load at a time for each object, blobs and parsed trees kept. Reads nothing yet. */
export function keepObjects(store: ObjectStore): Objects {
  const blobs = new LRUCache<string, GitObject>({ maxSize: KEPT_BLOBS, sizeCalculation: ({ bytes }) => bytes.byteLength + 200 })
  const trees = new LRUCache<string, readonly TreeEntry[]>({
    maxSize: KEPT_TREES,
    sizeCalculation: (entries) => entries.length * 200 + 200,
  })
  // Who looks through everything once must not push out what is asked for again and again.
  const once = new LRUCache<string, true>({ max: MOST_ONCE })
  const running = new Map<string, Promise<GitObject | undefined>>()

  const load = async (id: string): Promise<GitObject | undefined> => {
    const object = await store.load(id)
    if (object === undefined || object.size > LARGEST_KEPT) return object
    if (once.has(id)) blobs.set(id, { ...object, bytes: alone(object.bytes) })
    once.set(id, true)
    return object
  }
  const find = (id: string): Promise<GitObject | undefined> => {
    const kept = blobs.get(id)
    if (kept !== undefined) return Promise.resolve(kept)
    const other = running.get(id)
    if (other !== undefined) return other
    const mine = load(id).finally(() => running.delete(id))
    running.set(id, mine)
    return mine
  }

  return {
    ...store,
    find,
    keptTree: (id) => trees.get(id),
    close() {
      // Answers that are kept may hold on to what is closed.
      blobs.clear()
      trees.clear()
      return store.close()
    },
    async tree(id) {
      const kept = trees.get(id)
      if (kept !== undefined) return kept
      const object = await find(id)
      if (object?.type !== 'tree') return undefined
      const entries = parseTree(bytesOf(id, object), store.idLength)
      trees.set(id, entries)
      blobs.delete(id)
      return entries
    },
  }
}
