import { createHash } from 'node:crypto'
import { ServerError } from '../../server/src/errors.js'
import type { Snapshot, Tree, TreeEntry, TreeFile } from '../../server/src/trees/tree.js'

export type SnapshotFiles = ReadonlyMap<string, string | Uint8Array>

/** A tree whose folders have ids of their content, as Git's have, and that counts what it is asked for. */
export interface SnapshotTree extends Tree {
  readonly add: (files: SnapshotFiles) => Snapshot
  /** As `add`, with a past. */
  readonly commit: (files: SnapshotFiles, parent?: Snapshot) => Snapshot
  /** Makes a snapshot one that cannot be read any more. */
  readonly lose: (snapshot: Snapshot) => void
  /** `list`, `present` and `read` calls, with what they asked for. */
  readonly calls: string[]
}

interface Folder {
  readonly id: string
  readonly entries: readonly TreeEntry[]
}

/** Snapshots in memory, by the id of their root folder. */
export function openSnapshotTree(): SnapshotTree {
  const snapshots = new Map<string, ReadonlyMap<string, Folder>>()
  const contents = new Map<string, TreeFile>()
  const parents = new Map<string, Snapshot>()
  const calls: string[] = []
  const foldersOf = ({ id }: Snapshot): ReadonlyMap<string, Folder> => {
    const folders = snapshots.get(id)
    if (folders === undefined) throw new ServerError('snapshot-gone', `no snapshot ${id}`)
    return folders
  }
  const fileAt = (snapshot: Snapshot, path: string): TreeFile | undefined => {
    const slash = path.lastIndexOf('/')
    const folder = foldersOf(snapshot).get(path.slice(0, Math.max(slash, 0)))
    const entry = folder?.entries.find(({ name }) => name === path.slice(slash + 1))
    return entry?.kind === 'file' ? contents.get(entry.id) : undefined
  }
  return {
    calls,
    add: (files) => {
      const folders = new Map<string, Folder>()
      const root = addFolder(files, '', { folders, contents })
      snapshots.set(root.id, folders)
      return { id: root.id }
    },
    commit: (files, parent) => {
      const folders = new Map<string, Folder>()
      const { id: rootId } = addFolder(files, '', { folders, contents })
      const id = hash(`commit ${rootId} ${parent?.id ?? ''}`)
      snapshots.set(id, folders)
      if (parent !== undefined) parents.set(id, parent)
      return { id }
    },
    lose: ({ id }) => snapshots.delete(id),
    list: async (snapshot, folder) => {
      calls.push(`list ${folder}`)
      return foldersOf(snapshot).get(folder)?.entries ?? []
    },
    present: async (snapshot, paths) => {
      calls.push(...paths.map((path) => `present ${path}`))
      return new Set(paths.filter((path) => fileAt(snapshot, path) !== undefined))
    },
    read: async (snapshot, path) => {
      calls.push(`read ${path}`)
      return fileAt(snapshot, path)
    },
    reach: async ({ id }, commit) => (id === commit ? 'reached' : 'unknown'),
    authored: async () => undefined,
    parent: async ({ id }) => parents.get(id),
    keep: () => undefined,
    labels: async () => [],
    snapshot: async () => undefined,
    current: () => undefined,
    fetch: async () => undefined,
    close: async () => undefined,
  }
}

interface Stores {
  readonly folders: Map<string, Folder>
  readonly contents: Map<string, TreeFile>
}

function addFolder(files: SnapshotFiles, folder: string, stores: Stores): Folder {
  const prefix = folder === '' ? '' : `${folder}/`
  const entries = new Map<string, TreeEntry>()
  for (const [path, content] of files) {
    if (!path.startsWith(prefix)) continue
    const [name = '', ...rest] = path.slice(prefix.length).split('/')
    if (entries.has(name)) continue
    if (rest.length > 0) entries.set(name, { name, kind: 'folder', id: addFolder(files, `${prefix}${name}`, stores).id })
    else entries.set(name, { name, kind: 'file', id: addContent(content, stores) })
  }
  const sorted = [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const added = { id: hash(`folder ${sorted.map(({ name, kind, id }) => `${name}\0${kind}\0${id}`).join('\n')}`), entries: sorted }
  stores.folders.set(folder, added)
  return added
}

function addContent(content: string | Uint8Array, { contents }: Stores): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const id = hash(bytes)
  contents.set(id, { id, bytes })
  return id
}

function hash(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex')
}
