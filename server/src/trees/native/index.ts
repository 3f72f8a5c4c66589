import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ServerError } from '../../errors.js'
import { splitPath } from '../split-path.js'
import type { Tree, TreeFile } from '../tree.js'
import { type Watch, watchFolders } from '../watch.js'
import { cannotRead, describeFile, type FolderIndex, type IndexedFile, indexFolder, isAbsence } from './fingerprint.js'

const LARGEST_FILE = 32 * 1024 * 1024
/** A folder that nobody asked for is not walked again and again (ms). */
const USED = 10_000
/** How old what we know may be, where the last walk took no longer (ms). */
const FRESH = 1000

/**
 * A plain folder, served as it is. A snapshot is a fingerprint of all names, sizes, times and inodes: a file that is
 * read must still be what the fingerprint saw, or the read throws `snapshot-gone` and the caller takes a new snapshot. A folder that is missing at the start is an
 * empty one; what goes away later, or cannot be read, throws `repository-failed`.
 */
export function openNativeTree({ folder }: { readonly folder: string }): Tree {
  const root = resolve(folder)
  let index: FolderIndex | undefined
  let before: FolderIndex | undefined
  let walkedAt = 0
  let took = 0
  let usedAt = 0
  let walking: Promise<FolderIndex> | undefined
  let watch: Watch | undefined

  const walk = async (): Promise<FolderIndex> => {
    const started = Date.now()
    const next = await indexFolder(root)
    // Somebody unmounted it: nobody wants to be told that all values are gone.
    if (next.isMissing && index?.isMissing === false) throw cannotRead(root, 'the folder was there, and is gone')
    if (next.id !== index?.id) before = index
    index = next
    walkedAt = started
    took = Date.now() - started
    return next
  }
  const walkOnce = (): Promise<FolderIndex> => {
    walking ??= walk().finally(() => {
      walking = undefined
    })
    return walking
  }
  const look = async () => {
    if (Date.now() - usedAt < USED) await walkOnce()
  }
  const isFresh = () => Date.now() - walkedAt < FRESH + 7 * took
  const use = () => {
    usedAt = Date.now()
    // What a walk in the background throws, the next reader meets by itself.
    watch ??= watchFolders({ folders: () => [root, join(root, 'config')], look, onTrouble: () => undefined })
  }
  const getIndex = (id: string): FolderIndex => {
    const found = [index, before].find((one) => one?.id === id)
    if (found === undefined) throw gone(root)
    return found
  }

  return {
    current() {
      use()
      return isFresh() ? index?.id : undefined
    },
    async snapshot() {
      use()
      const { id } = index !== undefined && isFresh() ? index : await walkOnce()
      return { id }
    },
    async list({ id }, path) {
      const { folders, unreadable } = getIndex(id)
      requireReadable(unreadable, path)
      return folders.get(path) ?? []
    },
    async present({ id }, paths) {
      const { files, unreadable } = getIndex(id)
      for (const path of paths) requireReadable(unreadable, path)
      return new Set(paths.filter((path) => files.has(path)))
    },
    async read({ id }, path) {
      const { files, folders, unreadable } = getIndex(id)
      requireReadable(unreadable, path)
      const expected = files.get(path)
      if (expected === undefined) return undefined
      try {
        const [folder, wanted] = splitPath(path)
        const entry = folders.get(folder)?.find(({ name }) => name === wanted)
        return { id: entry?.id ?? expected.state, ...(await readUnchanged(path, expected)) }
      } catch (error) {
        // The fingerprint is of the past: the snapshot that the caller takes next must not be it.
        walkedAt = 0
        throw error
      }
    },
    reach: async ({ id }, commit) => (id === commit ? 'reached' : 'unknown'),
    authored: async () => undefined,
    parent: async () => undefined,
    keep: () => undefined,
    labels: async () => [],
    async fetch() {
      await walkOnce()
    },
    async close() {
      watch?.close()
      await walking?.catch(() => undefined)
    },
  }
}

/** What may be in a folder that cannot be read is not absent. */
function requireReadable(unreadable: FolderIndex['unreadable'], path: string): void {
  for (const [folder, reason] of unreadable) if (path === folder || path.startsWith(`${folder}/`)) throw cannotRead(folder, reason)
}

/** Reads through one handle and looks before and after, so that neither a replaced file nor one that is being written passes for the expected one. */
async function readUnchanged(path: string, { real, state }: IndexedFile): Promise<Omit<TreeFile, 'id'>> {
  const file = await open(real, 'r').catch(({ code, message }: NodeJS.ErrnoException) => {
    throw isAbsence(code) ? gone(path) : cannotRead(path, message)
  })
  try {
    const found = await file.stat({ bigint: true })
    if (describeFile(found) !== state) throw gone(path)
    if (found.size > LARGEST_FILE)
      throw new ServerError('too-large', `${path} has ${found.size} bytes, more than the ${LARGEST_FILE} that are served`, { file: path })
    const bytes = await file.readFile()
    if (describeFile(await file.stat({ bigint: true })) !== state) throw gone(path)
    return { bytes, modified: Number(found.mtimeMs) }
  } finally {
    await file.close()
  }
}

function gone(path: string): ServerError {
  return new ServerError('snapshot-gone', `${path} changed since the folder was looked at`, { file: path })
}
