import { splitPath } from '../trees/split-path.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { isContentError } from './content-errors.js'

/** Reads one view out of a snapshot; throws a content error where it cannot be read there. */
export type ReadView = (tree: Tree, snapshot: Snapshot) => Promise<unknown>

export interface WalkBack {
  readonly tree: Tree
  /** Where the view cannot be read. */
  readonly from: Snapshot
  readonly read: ReadView
  readonly bounds?: Partial<WalkBounds>
  readonly clock?: () => number
}

/** How far one walk goes: commits looked at, those of them in which the view is tried, and milliseconds. */
export interface WalkBounds {
  readonly commits: number
  readonly attempts: number
  readonly time: number
}

/** `isEnd`: whether a longer walk could find no more. One that only ran out of time could. */
export interface WalkEnd {
  readonly found: Snapshot | undefined
  /** The commit after the found one: since that the view cannot be read. */
  readonly since?: Snapshot
  readonly isEnd: boolean
}

const BOUNDS: WalkBounds = { commits: 2_000, attempts: 200, time: 5_000 }
/** After so many commits others have their turn. */
const TURN = 100

/**
 * The newest commit before `from`, by first parents, in which a view can be read. What a view is follows from the files that were read for it and the folders
 * that it was looked for in, absent ones included, so it is only tried again where one of those differs: commits that do not touch them cost one look at
 * those folders.
 */
export async function walkBack({ tree, from, read, bounds, clock = performance.now.bind(performance) }: WalkBack): Promise<WalkEnd> {
  const limits = { ...BOUNDS, ...bounds }
  const walk: Walk = { tree, commits: limits.commits, until: clock() + limits.time, clock }
  let at = from
  let since = from
  for (let attempt = 0; attempt <= limits.attempts; attempt++) {
    const looked = await unreadableFor(walk, at, read)
    if (looked === undefined) return { found: at, since, isEnd: true }
    const before = await lastOther(walk, at, looked)
    if (before === undefined) return { found: undefined, isEnd: clock() <= walk.until }
    at = before.other
    since = before.next
  }
  return { found: undefined, isEnd: true }
}

interface Other {
  readonly other: Snapshot
  readonly next: Snapshot
}

interface Walk {
  readonly tree: Tree
  /** That may still be looked at. */
  commits: number
  readonly until: number
  readonly clock: () => number
}

/** What a view was made of until it failed: the paths that were read, and the folders whose folders were looked through. */
interface Looked {
  readonly paths: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

/** `undefined` where it did not fail. */
async function unreadableFor({ tree }: Walk, snapshot: Snapshot, read: ReadView): Promise<Looked | undefined> {
  const paths = new Set<string>()
  const folders = new Set<string>()
  const watched: Tree = {
    ...tree,
    list: (at, folder) => {
      folders.add(folder)
      return tree.list(at, folder)
    },
    present: async (at, asked) => {
      const present = await tree.present(at, asked)
      // Those that are there are read, or the view fails before they matter.
      for (const path of asked) if (!present.has(path)) paths.add(path)
      return present
    },
    read: (at, path) => {
      paths.add(path)
      return tree.read(at, path)
    },
  }
  try {
    await read(watched, snapshot)
    return undefined
  } catch (error) {
    if (isContentError(error)) return { paths, folders }
    throw error
  }
}

/** The newest earlier commit in which something of that is something else, and the one after it. */
async function lastOther(walk: Walk, snapshot: Snapshot, looked: Looked): Promise<Other | undefined> {
  const folders = byFolder(looked)
  const now = await contentOf(walk.tree, snapshot, folders)
  let next = snapshot
  for (let at = await walk.tree.parent(snapshot); at !== undefined; at = await walk.tree.parent(at)) {
    walk.commits -= 1
    if (walk.commits < 0 || walk.clock() > walk.until) return undefined
    if (walk.commits % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    if ((await contentOf(walk.tree, at, folders)) !== now) return { other: at, next }
    next = at
  }
  return undefined
}

/** By folder: the names of files that matter in it, and whether all folders in it do. */
type Folders = ReadonlyMap<string, { readonly files: ReadonlySet<string>; readonly isSearched: boolean }>

function byFolder({ paths, folders: searched }: Looked): Folders {
  const folders = new Map<string, { readonly files: Set<string>; readonly isSearched: boolean }>()
  const at = (folder: string) => {
    const known = folders.get(folder) ?? { files: new Set(), isSearched: searched.has(folder) }
    folders.set(folder, known)
    return known
  }
  for (const folder of searched) at(folder)
  for (const path of paths) {
    const [folder, name] = splitPath(path)
    at(folder).files.add(name)
  }
  return folders
}

/** What that is in a snapshot, as one text. Links and submodules are no files, wherever they lead; of a folder only the name says where files are looked for. */
async function contentOf(tree: Tree, snapshot: Snapshot, folders: Folders): Promise<string> {
  const content: string[] = []
  for (const [folder, { files, isSearched }] of folders) {
    for (const { name, kind, id } of await tree.list(snapshot, folder)) {
      if (kind === 'file' && files.has(name)) content.push(`${folder}/${name}`, id)
      if (kind === 'folder' && isSearched) content.push(`${folder}/${name}/`)
    }
  }
  return content.join('\0')
}
