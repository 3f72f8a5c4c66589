import type { Snapshot, Tree, TreeEntry } from '../trees/tree.js'

/** A file whose content differs between two snapshots, with the ids of its content; `before` or `after` is absent where there was none. */
export interface ChangedFile {
  readonly path: string
  readonly before?: string
  readonly after?: string
}

/**
 * The files that differ between two snapshots of one tree, sorted by path; links and submodules are no files. Folders with equal ids are not looked
 * into, so the cost follows what changed. Throws what the tree throws.
 */
export async function changedFiles(tree: Tree, from: Snapshot, to: Snapshot): Promise<readonly ChangedFile[]> {
  if (from.id === to.id) return []
  const changed: ChangedFile[] = []
  await compareFolders({ tree, from, to, changed }, '')
  return changed.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

interface Comparing {
  readonly tree: Tree
  readonly from: Snapshot
  readonly to: Snapshot
  readonly changed: ChangedFile[]
}

async function compareFolders(comparing: Comparing, folder: string): Promise<void> {
  const before = byName(await comparing.tree.list(comparing.from, folder))
  const after = byName(await comparing.tree.list(comparing.to, folder))
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)]
    if (old?.kind === now?.kind && old?.id === now?.id) continue
    const path = folder === '' ? name : `${folder}/${name}`
    const file = { ...contentId('before', old), ...contentId('after', now) }
    if (file.before !== file.after) comparing.changed.push({ path, ...file })
    if (old?.kind === 'folder' || now?.kind === 'folder') await compareFolders(comparing, path)
  }
}

function byName(entries: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> {
  return new Map(entries.map((entry) => [entry.name, entry]))
}

function contentId(side: 'before' | 'after', entry: TreeEntry | undefined): Partial<Pick<ChangedFile, 'before' | 'after'>> {
  return entry?.kind === 'file' ? { [side]: entry.id } : {}
}
