import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { GitObject, ObjectStore } from '../objects.js'
import { looseStartingWith, readLoose } from './loose.js'
import { openPackList, type PackList } from './pack-list.js'
import { createTurns } from './turns.js'

/** Another program may be at work in a repository: what could not be read is tried again after so many ms. */
const PAUSES = [10, 25, 50]
/** Packs that nobody reads are closed after this time (ms). */
const IDLE = 60_000
/** What is unpacked in another thread is not hashed in this one: its own checksum has to do (bytes). */
const HASHED = 1024 * 1024
/** One for all repositories, as there is one main thread. */
const ownTurn = createTurns()
/** Everybody knows it, and nobody has to store it. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/**
 * The object database of a Git directory, read in this process, packs in parts: memory follows what is read and not how much there is. Opens nothing yet,
 * and never writes.
 */
export function openStore(gitdir: string): ObjectStore {
  const list = openPackList(join(gitdir, 'objects/pack'))
  const { load, expand } = openReader(gitdir, list)
  let idle: NodeJS.Timeout | undefined
  let closed = false

  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (const wait of PAUSES) {
      try {
        return await work()
      } catch (error) {
        list.forget()
        if (!closed) await pause(wait)
        if (closed) throw error
      }
    }
    return work()
  }
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    await ownTurn()
    if (closed) throw new Error('the repository is closed')
    idle = idle?.refresh() ?? setTimeout(list.forget, IDLE).unref()
    try {
      return await patiently(work)
    } finally {
      // A read that was under way may have opened the packs again.
      if (closed) list.forget()
    }
  }

  return {
    idLength: 40,
    load: (id) => asked(() => load(id)),
    expand: (digits) => asked(() => expand(digits)),
    forgetPacks: list.forget,
    async close() {
      closed = true
      clearTimeout(idle)
      list.forget()
    },
  }
}

/** In packs first, as most are; what is damaged in one place may be whole in another. */
function openReader(gitdir: string, list: PackList): Pick<ObjectStore, 'load' | 'expand'> {
  const inPacks = (id: string): Promise<Looked> =>
    list.use(async ({ packs, trouble }) => {
      let failure = trouble
      for (const { index, objectAt } of packs) {
        const offset = await index.offsetOf(id)
        if (offset === undefined) continue
        try {
          return { object: checked(id, await objectAt(offset, load)) }
        } catch (error) {
          failure = error
        }
      }
      return { failure }
    })
  const load = async (id: string): Promise<GitObject | undefined> => {
    if (id === EMPTY_TREE) return { type: 'tree', size: 0, bytes: new Uint8Array(0) }
    const { object } = await inPacks(id)
    if (object !== undefined) return object
    const loose = await readLoose(gitdir, id)
    if (loose !== undefined) return checked(id, loose)
    await list.renew()
    const again = await inPacks(id)
    if (again.failure !== undefined) throw again.failure
    return again.object
  }
  const expand = async (digits: string): Promise<string | undefined> => {
    await list.renew()
    const loose = await looseStartingWith(gitdir, digits)
    return list.use(async ({ packs, trouble }) => {
      const packed = await Promise.all(packs.map(({ index }) => index.startingWith(digits)))
      const [only, ...others] = new Set([...packed.flat(), ...loose])
      if (only === undefined && trouble !== undefined) throw trouble
      return others.length === 0 ? only : undefined
    })
  }
  return { load, expand }
}

interface Looked {
  readonly object?: GitObject
  readonly failure?: unknown
}

/** An id is a hash of its content: what has another one was damaged on disk or on its way here. */
function checked(id: string, object: GitObject): GitObject {
  const { type, size, bytes } = object
  if (bytes.length !== size || size > HASHED) return object
  const hash = createHash('sha1').update(`${type} ${size}\0`).update(bytes).digest('hex')
  if (hash !== id) throw new Error(`what is stored as ${id} is something else`)
  return object
}
