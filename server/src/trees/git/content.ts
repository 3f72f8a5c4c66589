import { LRUCache } from 'lru-cache'
import { ServerError } from '../../errors.js'
import { splitPath } from '../split-path.js'
import type { Reach, Snapshot, Tree, TreeEntry, TreeFile } from '../tree.js'
import { parentsOf, reachOf } from './ancestry.js'
import { asMomentary } from './momentary.js'
import { bytesOf, isTooLarge, LARGEST_OBJECT, type Objects } from './objects.js'
import { authorOfCommit, isReachable, treeOfCommit } from './parse.js'

/** What a commit holds, straight from the object database: walks by tree ids from the commit's root, so it never mixes two commits. */
export function openContent(objects: Objects): Pick<Tree, 'list' | 'present' | 'read' | 'reach' | 'authored' | 'parent'> {
  // One request looks dozens of names up.
  const roots = new LRUCache<string, string>({ max: 1_000 })
  const folderId = async (snapshot: Snapshot, segments: readonly string[]): Promise<string | undefined> => {
    const known = roots.get(snapshot.id)
    let id = known ?? (await rootOf(objects, snapshot))
    if (known === undefined) roots.set(snapshot.id, id)
    for (const segment of segments) {
      const entry = findEntry(await getTree(objects, snapshot, id), segment)
      if (entry?.kind !== 'folder') return undefined
      id = entry.id
    }
    return id
  }
  const list = async (snapshot: Snapshot, folder: string): Promise<readonly TreeEntry[]> => {
    const segments = split(folder)
    const id = segments === undefined ? undefined : await folderId(snapshot, segments)
    return id === undefined ? [] : getTree(objects, snapshot, id)
  }
  // That takes a second to find out, and who waits for a look asks again and again.
  const far = new LRUCache<string, true>({ max: 1_000 })
  const reach = async ({ id }: Snapshot, commit: string): Promise<Reach> => {
    const pair = `${id} ${commit}`
    if (far.has(pair)) return 'far'
    const found = await guard(id, () => reachOf(objects, id, commit))
    if (found === 'far') far.set(pair, true)
    return found
  }

  return {
    reach,
    async authored({ id }) {
      const commit = await guard(id, () => objects.find(id))
      return commit?.type === 'commit' ? authorOfCommit(commit.bytes) : undefined
    },
    parent: ({ id }) =>
      guard(id, async () => {
        const [first] = await parentsOf(objects, id)
        // A shallow clone names the commits that it cut off.
        return first === undefined || (await objects.find(first))?.type !== 'commit' ? undefined : { id: first }
      }),
    list,
    async present(snapshot, paths) {
      const found = new Set<string>()
      const folders = new Map<string, readonly TreeEntry[]>()
      for (const path of paths) {
        const [folder, name] = splitPath(path)
        const entries = folders.get(folder) ?? (await list(snapshot, folder))
        folders.set(folder, entries)
        if (findEntry(entries, name)?.kind === 'file') found.add(path)
      }
      return found
    },
    async read(snapshot, path) {
      const [folder, name] = splitPath(path)
      const entry = findEntry(await list(snapshot, folder), name)
      return entry?.kind === 'file' ? getFile(objects, snapshot, { path, id: entry.id }) : undefined
    },
  }
}

function split(path: string): readonly string[] | undefined {
  if (path === '') return []
  const segments = path.split('/')
  return segments.every(isReachable) ? segments : undefined
}

/** Binary search: a flat folder may have tens of thousands of names. */
function findEntry(entries: readonly TreeEntry[], name: string): TreeEntry | undefined {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle] as TreeEntry).name < name) low = middle + 1
    else high = middle
  }
  const entry = entries[low]
  return entry?.name === name ? entry : undefined
}

async function rootOf(objects: Objects, { id }: Snapshot): Promise<string> {
  const commit = await guard(id, () => objects.find(id))
  if (commit === undefined) throw new ServerError('snapshot-gone', `the commit ${id} is not in the repository any more`, { commit: id })
  const root = commit.type === 'commit' ? treeOfCommit(bytesOf(id, commit)) : undefined
  if (root === undefined) throw damaged(id, `the object ${id} is not a commit that can be read`)
  return root
}

async function getTree(objects: Objects, snapshot: Snapshot, id: string): Promise<readonly TreeEntry[]> {
  const kept = objects.keptTree(id)
  if (kept !== undefined) return kept
  const entries = await guard(snapshot.id, () => objects.tree(id))
  if (entries === undefined) throw damaged(snapshot.id, `the folder ${id} of the commit ${snapshot.id} is missing`)
  return entries
}

/** Sizes of contents that were found too large: unpacking them again only to refuse them costs seconds. */
const oversized = new LRUCache<string, number>({ max: 1_000 })

async function getFile(
  objects: Objects,
  snapshot: Snapshot,
  { path, id }: { readonly path: string; readonly id: string },
): Promise<TreeFile> {
  const known = oversized.get(id)
  if (known !== undefined) throw tooLarge(snapshot, path, known)
  const object = await guard(snapshot.id, () => objects.find(id))
  if (object?.type !== 'blob') throw damaged(snapshot.id, `the content ${id} of ${path} in the commit ${snapshot.id} is missing`)
  const { size, bytes } = object
  if (size <= LARGEST_OBJECT) return { id, bytes }
  oversized.set(id, size)
  throw tooLarge(snapshot, path, size)
}

function tooLarge({ id }: Snapshot, path: string, size: number): ServerError {
  return new ServerError('too-large', `${path} has ${size} bytes, more than the ${LARGEST_OBJECT} that are served`, {
    file: path,
    commit: id,
  })
}

async function guard<T>(commit: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isTooLarge(cause)) throw cause
    throw asMomentary(cause) ?? damaged(commit, `an object of the commit ${commit} cannot be read: ${(cause as Error).message}`, cause)
  }
}

function damaged(commit: string, message: string, cause?: unknown): ServerError {
  return new ServerError('repository-failed', `the repository is damaged: ${message}`, { commit, cause })
}
