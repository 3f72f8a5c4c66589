import { createHash } from 'node:crypto'
import { ServerError } from '../../server/src/errors.js'
import type { Snapshot, Tree, TreeEntry, TreeFile } from '../../server/src/trees/tree.js'

/** Text or bytes of a file, or where a link points to. */
export type MemoryContent = string | Uint8Array | { readonly link: string }
export type MemoryFiles = Readonly<Record<string, MemoryContent>>

export interface MemoryTree extends Tree {
  /** Makes the files what a label means, after what it meant before, and gives the snapshot's id; without files the label is gone. */
  readonly move: (label: string, files?: MemoryFiles) => string
  /** Makes a label mean a snapshot that was there before, as a force push does. */
  readonly point: (label: string, id: string) => void
  /** The snapshots that must stay, in the order of the first wish. */
  readonly kept: ReadonlySet<string>
  /** Makes a snapshot one that cannot be read any more. */
  readonly lose: (id: string) => void
  /** The paths that were read, in order. */
  readonly reads: readonly string[]
  /** What each use answers with from now on, where it is not `undefined`. */
  fail: (error: Error | undefined) => void
}

interface Stored {
  readonly files: ReadonlyMap<string, MemoryContent>
  readonly folders: ReadonlyMap<string, ReadonlyMap<string, TreeEntry>>
}

/** A tree whose files are in memory and whose labels move when a test says so. Snapshots are kept for ever. */
export function openMemoryTree(labels: Readonly<Record<string, MemoryFiles>>): MemoryTree {
  const snapshots = new Map<string, Stored>()
  const parents = new Map<string, string>()
  const current = new Map<string, string>()
  const kept = new Set<string>()
  const reads: string[] = []
  let failure: Error | undefined

  const stored = ({ id }: Snapshot): Stored => {
    if (failure !== undefined) throw failure
    const found = snapshots.get(id)
    if (found === undefined) throw new ServerError('snapshot-gone', `there is no snapshot ${id}`)
    return found
  }
  const move = (label: string, files?: MemoryFiles): string => {
    if (files === undefined) {
      current.delete(label)
      return ''
    }
    const store = storedOf(new Map(Object.entries(files)))
    const parent = current.get(label)
    const id = hash([parent ?? '', ...[...store.files].map(([path, content]) => `${path}\0${idOf(content)}`)].join('\n'))
    snapshots.set(id, store)
    if (parent !== undefined) parents.set(id, parent)
    current.set(label, id)
    return id
  }
  for (const [label, files] of Object.entries(labels)) move(label, files)

  return {
    move,
    kept,
    keep: ({ id }) => kept.add(id),
    point: (label, id) => current.set(label, id),
    lose: (id) => snapshots.delete(id),
    reads,
    fail: (error) => {
      failure = error
    },
    current: (label) => (failure === undefined ? current.get(label) : undefined),
    snapshot: async (label) => {
      if (failure !== undefined) throw failure
      const id = current.get(label)
      return id === undefined ? undefined : { id }
    },
    list: async (snapshot, folder) => sorted(stored(snapshot).folders.get(folder)),
    present: async (snapshot, paths) => {
      const { files } = stored(snapshot)
      return new Set(paths.filter((path) => fileOf(files.get(path)) !== undefined))
    },
    read: async (snapshot, path) => {
      reads.push(path)
      return fileOf(stored(snapshot).files.get(path))
    },
    reach: async ({ id }, commit) => (id === commit ? 'reached' : 'unknown'),
    authored: async () => undefined,
    parent: async (snapshot) => {
      stored(snapshot)
      const id = parents.get(snapshot.id)
      return id === undefined || !snapshots.has(id) ? undefined : { id }
    },
    labels: async () => [...current.keys()],
    fetch: async () => undefined,
    close: async () => undefined,
  }
}

function storedOf(files: ReadonlyMap<string, MemoryContent>): Stored {
  const folders = new Map<string, Map<string, TreeEntry>>()
  const enter = (path: string, kind: TreeEntry['kind'], id: string): void => {
    const slash = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(slash, 0))
    const entries = folders.get(folder) ?? new Map<string, TreeEntry>()
    folders.set(folder, entries.set(path.slice(slash + 1), { name: path.slice(slash + 1), kind, id }))
    if (folder !== '') enter(folder, 'folder', hash(`${folder}\0${id}`))
  }
  for (const [path, content] of files) enter(path, isLink(content) ? 'link' : 'file', idOf(content))
  return { files, folders }
}

function sorted(entries: ReadonlyMap<string, TreeEntry> | undefined): readonly TreeEntry[] {
  return [...(entries?.values() ?? [])].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function fileOf(content: MemoryContent | undefined): TreeFile | undefined {
  return content === undefined || isLink(content) ? undefined : { id: idOf(content), bytes: bytesOf(content) }
}

function isLink(content: MemoryContent): content is { readonly link: string } {
  return typeof content === 'object' && 'link' in content
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function idOf(content: MemoryContent): string {
  return isLink(content) ? hash(content.link) : hash(bytesOf(content))
}

function hash(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex')
}
