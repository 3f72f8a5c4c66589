import fs from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expandOid, type FsClient, readObject } from 'isomorphic-git'
import { FileSystem } from 'isomorphic-git/models'
import type { GitObject, ObjectStore, ObjectType } from '../objects.js'

/** isomorphic-git keeps each object that it unpacked for as long as its cache lives, without bound: the cache is renewed after this much. */
const CACHE_BUDGET = 64 * 1024 * 1024
/** A repack by another program removes packs under a reader; the new ones are there already, so that looking again finds them. */
const PAUSES = [10, 25, 50]

/** The file system as isomorphic-git wants it; one for all, because wrapping it anew doubles the cost of a read. */
export const files = new FileSystem(fs) as unknown as FsClient

/** The object database of a Git directory, read in this process. Reads nothing yet, and never writes. */
export function openStore(gitdir: string): ObjectStore {
  let cache: object = {}
  let spent = 0

  const read = async (id: string): Promise<GitObject> => {
    const { type, object } = await readObject({ fs: files, gitdir, oid: id, format: 'content', cache })
    const bytes = object as Uint8Array
    spent += bytes.byteLength
    if (spent > CACHE_BUDGET) forget()
    return { type: type as ObjectType, size: bytes.byteLength, bytes }
  }
  const forget = () => {
    cache = {}
    spent = 0
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

  return {
    idLength: 40,
    load: (id) => retry(() => read(id)),
    expand: (digits) => retry(() => expandOid({ fs: files, gitdir, oid: digits, cache })),
    forgetPacks: forget,
    close: async () => forget(),
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code
  return code === 'NotFoundError' || code === 'AmbiguousError'
}
