import fs from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expandOid, type FsClient, readObject } from 'isomorphic-git'
import { FileSystem } from 'isomorphic-git/models'
import { LRUCache } from 'lru-cache'
import type { TreeEntry } from '../tree.js'
import { parseTree } from './parse.js'

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'

export interface GitObject {
  readonly type: ObjectType
  readonly bytes: Uint8Array
}

/** Reads one object database. Objects never change, so what was read is kept, within bounds. */
export interface Objects {
  /** The object with this full id, `undefined` where the database has none. Throws what a damaged database makes the reader throw. */
  find(id: string): Promise<GitObject | undefined>
  /** The entries of a tree in code unit order, `undefined` where there is no such tree. */
  tree(id: string): Promise<readonly TreeEntry[] | undefined>
  /** The full id that begins with these (at least 4) digits, `undefined` where none or more than one does. */
  expand(digits: string): Promise<string | undefined>
  /** Lets go of packs held in memory: another program repacked. What was parsed stays, because an id names its content. */
  forgetPacks(): void
}

const MEBIBYTE = 1024 * 1024
const LARGEST_KEPT = MEBIBYTE / 4
/** isomorphic-git keeps each object that it unpacked for as long as its cache lives, without bound: the cache is renewed after this much. */
const CACHE_BUDGET = 64 * MEBIBYTE
/** A repack by another program removes packs under a reader; the new ones are there already, so that looking again finds them. */
const PAUSES = [10, 25, 50]

/** The file system as isomorphic-git wants it; one for all, because wrapping it anew doubles the cost of a read. */
export const files = new FileSystem(fs) as unknown as FsClient

/** Opens the object database of a Git directory. Reads nothing yet, and never writes. */
export function openObjects(gitdir: string): Objects {
  const blobs = new LRUCache<string, GitObject>({ maxSize: 32 * MEBIBYTE, sizeCalculation: ({ bytes }) => bytes.byteLength + 200 })
  const trees = new LRUCache<string, readonly TreeEntry[]>({
    maxSize: 32 * MEBIBYTE,
    sizeCalculation: (entries) => entries.length * 200 + 200,
  })
  const running = new Map<string, Promise<GitObject | undefined>>()
  let cache: object = {}
  let spent = 0

  const load = async (id: string): Promise<GitObject> => {
    const { type, object } = await readObject({ fs: files, gitdir, oid: id, format: 'content', cache })
    const bytes = object as Uint8Array
    spent += bytes.byteLength
    if (spent > CACHE_BUDGET) {
      cache = {}
      spent = 0
    }
    if (bytes.byteLength <= LARGEST_KEPT) blobs.set(id, { type: type as ObjectType, bytes })
    return { type: type as ObjectType, bytes }
  }

  const retry = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    for (const wait of [...PAUSES, undefined]) {
      try {
        return await work()
      } catch (error) {
        if (isAbsent(error)) return undefined
        if (wait === undefined) throw error
        cache = {}
        await pause(wait)
      }
    }
    return undefined
  }

  const find = (id: string): Promise<GitObject | undefined> => {
    const kept = blobs.get(id)
    if (kept !== undefined) return Promise.resolve(kept)
    const other = running.get(id)
    if (other !== undefined) return other
    const mine = retry(() => load(id)).finally(() => running.delete(id))
    running.set(id, mine)
    return mine
  }

  return {
    find,
    async tree(id) {
      const kept = trees.get(id)
      if (kept !== undefined) return kept
      const object = await find(id)
      if (object?.type !== 'tree') return undefined
      const entries = parseTree(object.bytes)
      trees.set(id, entries)
      blobs.delete(id)
      return entries
    },
    expand: (digits) => retry(() => expandOid({ fs: files, gitdir, oid: digits, cache })),
    forgetPacks() {
      cache = {}
      spent = 0
    },
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code
  return code === 'NotFoundError' || code === 'AmbiguousError'
}
