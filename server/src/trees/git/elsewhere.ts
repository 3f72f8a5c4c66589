import { isLfsPointer } from '../../resolution/parse/lfs.js'
import { splitPath } from '../split-path.js'
import type { Snapshot, Tree } from '../tree.js'
import { parseConfig } from './repository.js'

/** What a repository names and does not hold: without a word of it, nobody would see why values are missing. */
export type Elsewhere = 'submodule' | 'lfs-pointer'

/** A tree whose readers are told what it does not hold. */
export interface ToldTree<Told extends Tree> {
  readonly tree: Told
  /** Looks for submodules in a commit that a label means now. Never rejects. */
  readonly look: (snapshot: Snapshot) => Promise<void>
}

/** Told once for each path; more than this many are told by those before them. */
const MAX_TOLD = 1_000

/** Tells `say` of pointers of Git LFS that are read, and of the submodules of commits that are looked at. */
export function tellElsewhere<Told extends Tree>(tree: Told, say: (what: Elsewhere, path: string) => void): ToldTree<Told> {
  const told = new Set<string>()
  const tell = (what: Elsewhere, path: string): void => {
    if (told.has(path) || told.size >= MAX_TOLD) return
    told.add(path)
    say(what, path)
  }
  const read: Tree['read'] = async (snapshot, path) => {
    const file = await tree.read(snapshot, path)
    if (file !== undefined && isLfsPointer(file.bytes)) tell('lfs-pointer', path)
    return file
  }
  const look = async (snapshot: Snapshot): Promise<void> => {
    for (const path of await submodulesOf(tree, snapshot)) tell('submodule', path)
  }
  // What goes wrong here goes wrong for those who read, too, and they are told.
  return { tree: { ...tree, read }, look: (snapshot) => look(snapshot).catch(() => undefined) }
}

/** Those in the root, and those elsewhere that `.gitmodules` names. */
async function submodulesOf(tree: Tree, snapshot: Snapshot): Promise<readonly string[]> {
  const inRoot = (await tree.list(snapshot, '')).filter(({ kind }) => kind === 'submodule').map(({ name }) => name)
  const file = await tree.read(snapshot, '.gitmodules')
  if (file === undefined) return inRoot
  const settings = parseConfig(Buffer.from(file.bytes).toString('utf8'))
  const named = [...settings].flatMap(([key, value]) => (/^submodule\..*\.path$/.test(key) ? [value] : []))
  const found = await Promise.all(named.slice(0, MAX_TOLD).map((path) => isSubmodule(tree, snapshot, path)))
  return [...inRoot, ...named.filter((_, index) => found[index])]
}

async function isSubmodule(tree: Tree, snapshot: Snapshot, path: string): Promise<boolean> {
  const [folder, wanted] = splitPath(path)
  const entries = await tree.list(snapshot, folder)
  return entries.some(({ name, kind }) => kind === 'submodule' && name === wanted)
}
