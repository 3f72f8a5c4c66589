import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { ServerError } from '../../errors.js'
import type { TreeEntry } from '../tree.js'
import { findGeneration, type Generations, isInside, namesIn, stillCurrent } from './generations.js'

/** What a folder held at one moment: the names of each folder below it, with ids that tell contents apart. */
export interface FolderIndex {
  readonly id: string
  readonly folders: ReadonlyMap<string, readonly TreeEntry[]>
  readonly files: ReadonlyMap<string, IndexedFile>
  /** Folders that could not be read, with the reason. */
  readonly unreadable: ReadonlyMap<string, string>
  readonly isMissing: boolean
}

/** Where a file really was, behind all links, and what `stat` said of it. */
export interface IndexedFile {
  readonly real: string
  readonly state: string
}

interface Walk {
  readonly root: string
  readonly folders: Map<string, readonly TreeEntry[]>
  readonly files: Map<string, IndexedFile>
  readonly unreadable: Map<string, string>
  readonly generations: Map<string, string>
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
/** A folder that is replaced faster than it can be walked is walked again, so often. */
const ATTEMPTS = 10

/**
 * Walks a folder by names, sizes, times and inodes; a missing folder is an empty one, one that cannot be read throws `repository-failed`. Links are followed while they stay inside. A folder that is replaced
 * as a whole (Kubernetes mounts one as links through `..data`) is walked as one of its generations. Throws `too-large` over the limit of names, and
 * `snapshot-gone` where it is replaced without a pause.
 */
export async function indexFolder(folder: string): Promise<FolderIndex> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const walk = await walkOnce(folder)
    const reason = walk.unreadable.get('')
    if (reason !== undefined) throw cannotRead(folder, reason)
    if (!(await stillCurrent(walk.generations))) continue
    const hash = createHash('sha256')
    for (const [path, entries] of walk.folders) hash.update(JSON.stringify([path, entries]))
    const { folders, files, unreadable } = walk
    return { id: hash.digest('hex').slice(0, 40), folders, files, unreadable, isMissing: !folders.has('') }
  }
  throw new ServerError('snapshot-gone', `the folder ${folder} was replaced ${ATTEMPTS} times while it was looked at`, { file: folder })
}

/** What tells a state of a file from another; also the id of its content. */
export function describeFile({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}-${ino}-${size}-${mtimeNs}-${ctimeNs}`
}

async function walkOnce(folder: string): Promise<Walk & { readonly generations: Generations }> {
  const start = { folders: new Map(), files: new Map(), unreadable: new Map(), generations: new Map(), now: Date.now(), count: 0 }
  const root = await realpath(folder).catch(noting(start.unreadable, '', undefined))
  const walk: Walk = { ...start, root: root ?? folder }
  if (root === undefined) return walk
  walk.generations.set(folder, root)
  await walkFolder(walk, { real: root, path: '', above: [] })
  return walk
}

async function walkFolder(walk: Walk, at: Place): Promise<void> {
  if (at.above.length > DEEPEST) throw tooLarge(walk, `is nested deeper than ${DEEPEST} folders at ${at.path}`)
  const found = await readdir(at.real, { withFileTypes: true }).catch(noting(walk.unreadable, at.path, []))
  const generation = await findGeneration(walk.root, at.real, found)
  if (generation !== undefined) walk.generations.set(generation.link, generation.real)
  const names = await namesIn(at.real, found, generation)
  walk.count += names.length
  if (walk.count > MOST_ENTRIES) throw tooLarge(walk, `holds more than the ${MOST_ENTRIES} names that a native folder may have`)
  const entries: TreeEntry[] = []
  walk.folders.set(at.path, entries)
  for (const { name, place, isLink } of names) {
    const real = isLink ? await realpath(place).catch(() => undefined) : place
    const path = at.path === '' ? name : `${at.path}/${name}`
    const followed =
      real === undefined || !isInside(walk.root, real) ? LINK : await walkEntry(walk, { real, path, above: [...at.above, at.real] })
    if (followed !== undefined) entries.push({ name, ...followed })
  }
}

async function walkEntry(walk: Walk, at: Place): Promise<Omit<TreeEntry, 'name'> | undefined> {
  const found = await stat(at.real, { bigint: true }).catch(() => undefined)
  if (found?.isFile()) {
    const state = describeFile(found)
    walk.files.set(at.path, { real: at.real, state })
    return { kind: 'file', id: Math.abs(walk.now - Number(found.mtimeMs)) < RACY ? `${state}-${walk.now}` : state }
  }
  if (!found?.isDirectory()) return undefined
  // A link to a folder above would go on for ever.
  if (at.above.includes(at.real)) return LINK
  await walkFolder(walk, at)
  return { kind: 'folder', id: `${found.dev}-${found.ino}` }
}

/** What is not there is nothing; why it cannot be read is kept. */
function noting<Nothing>(unreadable: Map<string, string>, path: string, nothing: Nothing): (error: NodeJS.ErrnoException) => Nothing {
  return ({ code, message }) => {
    if (!isAbsence(code)) unreadable.set(path, message)
    return nothing
  }
}

/** Whether an error of the file system says that there is no such file or folder. */
export function isAbsence(code: string | undefined): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The reason is what the system said. */
export function cannotRead(path: string, reason: string): ServerError {
  return new ServerError('repository-failed', `${path} cannot be read: ${reason}`, { file: path })
}

function tooLarge({ root }: Walk, what: string): ServerError {
  return new ServerError('too-large', `the folder ${root} ${what}: serve a smaller folder, or a Git repository`, { file: root })
}
