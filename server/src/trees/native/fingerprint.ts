import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ServerError } from '../../errors.js'
import type { TreeEntry } from '../tree.js'

/** What a folder held at one moment: the names of each folder below it, with ids that tell contents apart. */
export interface FolderIndex {
  readonly id: string
  readonly folders: ReadonlyMap<string, readonly TreeEntry[]>
  /** What `stat` said of each file, by path. */
  readonly files: ReadonlyMap<string, string>
}

interface Walk {
  readonly root: string
  readonly folders: Map<string, readonly TreeEntry[]>
  readonly files: Map<string, string>
  readonly now: number
  count: number
}

/** A file or folder: where it really is, its path in the tree, and the real folders that led there. */
interface Place {
  readonly real: string
  readonly path: string
  readonly above: readonly string[]
}

const LINK = { kind: 'link', id: 'link' } as const

/** The most names a native folder may hold: all are looked at whenever something may have changed. */
export const MOST_ENTRIES = 20_000
const DEEPEST = 50
/** Times on disk are coarse: a file that changed this recently (ms) may change again without showing, so its id is not used twice. */
const RACY = 100

/**
 * Walks a folder by names, sizes, times and inodes; a missing folder is an empty one. Links are followed while they
 * stay inside (Kubernetes mounts files as links through `..data`). Throws `too-large` over the limit of names.
 */
export async function indexFolder(folder: string): Promise<FolderIndex> {
  const root = await realpath(folder).catch(() => undefined)
  const walk: Walk = { root: root ?? folder, folders: new Map(), files: new Map(), now: Date.now(), count: 0 }
  if (root !== undefined) await walkFolder(walk, { real: root, path: '', above: [] })
  const hash = createHash('sha256')
  for (const [path, entries] of walk.folders) hash.update(JSON.stringify([path, entries]))
  return { id: hash.digest('hex').slice(0, 40), folders: walk.folders, files: walk.files }
}

/** What tells a state of a file from another; also the id of its content. */
export function describeFile({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}-${ino}-${size}-${mtimeNs}-${ctimeNs}`
}

async function walkFolder(walk: Walk, at: Place): Promise<void> {
  if (at.above.length > DEEPEST) throw tooLarge(walk, `is nested deeper than ${DEEPEST} folders at ${at.path}`)
  const found = await readdir(at.real, { withFileTypes: true }).catch(() => [])
  const names = found.filter(({ name }) => name !== '.git' && !name.startsWith('..')).sort((a, b) => (a.name < b.name ? -1 : 1))
  walk.count += names.length
  if (walk.count > MOST_ENTRIES) throw tooLarge(walk, `holds more than the ${MOST_ENTRIES} names that a native folder may have`)
  const entries: TreeEntry[] = []
  walk.folders.set(at.path, entries)
  for (const entry of names) {
    const place = join(at.real, entry.name)
    const real = entry.isSymbolicLink() ? await realpath(place).catch(() => undefined) : place
    const path = at.path === '' ? entry.name : `${at.path}/${entry.name}`
    const followed =
      real === undefined || !isInside(walk.root, real) ? LINK : await walkEntry(walk, { real, path, above: [...at.above, at.real] })
    if (followed !== undefined) entries.push({ name: entry.name, ...followed })
  }
}

async function walkEntry(walk: Walk, at: Place): Promise<Omit<TreeEntry, 'name'> | undefined> {
  const found = await stat(at.real, { bigint: true }).catch(() => undefined)
  if (found?.isFile()) {
    const id = describeFile(found)
    walk.files.set(at.path, id)
    return { kind: 'file', id: Math.abs(walk.now - Number(found.mtimeMs)) < RACY ? `${id}-${walk.now}` : id }
  }
  if (!found?.isDirectory()) return undefined
  // A link to a folder above would go on for ever.
  if (at.above.includes(at.real)) return LINK
  await walkFolder(walk, at)
  return { kind: 'folder', id: `${found.dev}-${found.ino}` }
}

function isInside(root: string, real: string): boolean {
  const inside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)
  return inside && !real.slice(root.length).split(sep).includes('.git')
}

function tooLarge({ root }: Walk, what: string): ServerError {
  return new ServerError('too-large', `the folder ${root} ${what}: serve a smaller folder, or a Git repository`, { file: root })
}
