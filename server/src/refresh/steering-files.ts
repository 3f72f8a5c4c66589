import { LRUCache } from 'lru-cache'
import type { ParsedFiles } from '../sources/parsed-files.js'
import type { Snapshot, Tree, TreeEntry } from '../trees/tree.js'
import { documentsOf } from './documents.js'
import { configExtension } from './file-names.js'
import { maySteer } from './may-steer.js'
import { type Steering, steeringOf, steers, UNREADABLE } from './steering.js'

/** A file that steers others; the path is relative to the folder that was asked about. */
export interface SteeringFile {
  readonly path: string
  readonly steering: Steering
}

/** Finds the files of a snapshot that import others or lead from profiles to profiles, and remembers them by content id. */
export interface SteeringFiles {
  /** `undefined` where more files would have to be read than one search may; the next search goes on where this one stopped. */
  readonly find: (search: SteeringSearch) => Promise<readonly SteeringFile[] | undefined>
}

export interface SteeringSearch {
  readonly tree: Tree
  readonly snapshot: Snapshot
  readonly parsed: ParsedFiles
  /** Files that are parsed; those that need not be count for less. */
  readonly maxReads: number
}

/** Equal ids mean equal content, of files and of folders, so a second search costs what changed since the first. Bounded by an estimate of its bytes. */
export function createSteeringFiles({ maxBytes = 64 * 1024 * 1024 } = {}): SteeringFiles {
  const known: Known = {
    found: new LRUCache({
      maxSize: maxBytes / 2,
      sizeCalculation: (files) => files.reduce((sum, file) => sum + weightOf(file), BYTES_PER_ENTRY),
    }),
    silent: createSilent(maxBytes / 2 / BYTES_PER_SILENT),
  }
  return {
    find: async (search) => {
      const root: Searching = { ...search, known, reads: 0 }
      return findBelow(root, '')
    },
  }
}

const BYTES_PER_ENTRY = 200
const BYTES_PER_TEXT = 100
const BYTES_PER_SILENT = 100

function weightOf({ path, steering: { imports, includes, groups } }: SteeringFile): number {
  return BYTES_PER_ENTRY + path.length * 2 + (imports.length + includes.length + groups.size) * BYTES_PER_TEXT
}

/** Most folders and nearly all files say nothing about others: that is kept in a fraction of the memory of what was found. */
interface Known {
  readonly found: LRUCache<string, readonly SteeringFile[]>
  readonly silent: Silent
}

interface Silent {
  readonly has: (id: string, how: string) => boolean
  readonly add: (id: string, how: string) => void
}

function createSilent(maxEntries: number): Silent {
  const sets = new Map<string, Set<string>>()
  let size = 0
  return {
    has: (id, how) => sets.get(how)?.has(id) === true,
    add: (id, how) => {
      size += 1
      if (size > maxEntries) sets.clear()
      if (size > maxEntries) size = 1
      const set = sets.get(how) ?? new Set()
      sets.set(how, set.add(id))
    },
  }
}

/** What it takes to see that a file need not be parsed, beside what parsing it takes. */
const GLANCE = 0.1

interface Searching extends SteeringSearch {
  readonly known: Known
  reads: number
}

async function findBelow(searching: Searching, folder: string): Promise<readonly SteeringFile[] | undefined> {
  const found: SteeringFile[] = []
  for (const entry of await searching.tree.list(searching.snapshot, folder)) {
    const files = await findIn(searching, entry, folder === '' ? entry.name : `${folder}/${entry.name}`)
    if (files === undefined) return undefined
    for (const { path, steering } of files) found.push({ path: path === '' ? entry.name : `${entry.name}/${path}`, steering })
  }
  return found
}

async function findIn(searching: Searching, { kind, id }: TreeEntry, path: string): Promise<readonly SteeringFile[] | undefined> {
  const format = configExtension(path)
  if (kind !== 'folder' && (kind !== 'file' || format === undefined)) return NOTHING
  const { found, silent } = searching.known
  const how = kind === 'folder' ? 'folder' : `${format}${isAtRoot(path) ? ' at the root' : ''}`
  if (silent.has(id, how)) return NOTHING
  const key = `${id} ${how}`
  const known = found.get(key)
  if (known !== undefined) return known
  const files = kind === 'folder' ? await findBelow(searching, path) : await readSteering(searching, path, format ?? '')
  if (files?.length === 0) silent.add(id, how)
  else if (files !== undefined) found.set(key, files)
  return files
}

const NOTHING: readonly SteeringFile[] = []

/** Such a file is asked whether it can be read, too, so that it has to be parsed whatever it says. */
function isAtRoot(path: string): boolean {
  return !path.includes('/')
}

async function readSteering(searching: Searching, path: string, format: string): Promise<readonly SteeringFile[] | undefined> {
  if (searching.reads >= searching.maxReads) return undefined
  const parsed: ParsedFiles = {
    parse: (...asked) => {
      const isWorthIt = isAtRoot(path) || maySteer(asked[1].bytes, format)
      searching.reads += isWorthIt ? 1 : GLANCE
      return isWorthIt ? searching.parsed.parse(...asked) : []
    },
  }
  const documents = await documentsOf(path, { ...searching, parsed, format })
  if (documents === 'unreadable') return [{ path: '', steering: UNREADABLE }]
  const steering = steeringOf(documents)
  return steers(steering) ? [{ path: '', steering }] : NOTHING
}
