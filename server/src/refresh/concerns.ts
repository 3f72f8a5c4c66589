import { ServerError } from '../errors.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { type Audience, contains, EVERYBODY, isEverybody, merged } from './audience.js'
import { type Looking, MAX_READS, type Told, toldOf } from './changed-views.js'
import type { Concern } from './concern.js'
import { stepsBetween } from './lineage.js'
import { plainDirectReaders } from './readers.js'
import { searchScopes } from './search-scopes.js'
import { createSteeringFiles } from './steering-files.js'

/** Give the same `steeringFiles` each time and a look costs what changed since the last; without it, all configuration files are read. */
export type ConcernOptions = Omit<Looking, 'steeringFiles'> & Partial<Pick<Looking, 'steeringFiles'>>

/**
 * Whom the change between two snapshots of a repository concerns: one entry an application, `*` first; nobody is an empty list. Views are those that are
 * served: one that cannot be read stays where it was. That is decided commit by commit, so the steps between the two are looked at one by one.
 * Everybody, where `from` cannot be read any more, or no near way leads from one to the other. Throws what the tree throws about `to`.
 * Not covered: a change that is only a comment by the file's name, but not by the format that an import's hint reads it in.
 */
export async function concernsOf(options: ConcernOptions): Promise<readonly Concern[]> {
  if (options.from.id === options.to.id) return []
  const past = watchPast(options)
  const { steeringFiles = createSteeringFiles() } = options
  try {
    return await alongTheWay({ ...options, tree: past.tree, steeringFiles })
  } catch (error) {
    if (past.isLost()) return [EVERYBODY]
    throw error
  }
}

/** A view that is good at the end of a step has moved where what it meets differs; one that is bad there has not moved. So each move shows in some step. */
async function alongTheWay(looking: Looking): Promise<Audience> {
  const steps = await stepsBetween(looking.tree, looking)
  if (steps === 'far') return [EVERYBODY]
  if (steps === 'unrelated') return merged(all(await toldOf(looking, 'told')))
  let audience: Audience = []
  for (const step of steps) {
    const told = await toldOf({ ...looking, ...step }, 'stay')
    audience = merged([...audience, ...(await withoutStuck(told, { ...looking, ...step }))])
    if (audience.some(isEverybody)) break
  }
  return audience
}

function all({ views, files }: Told): Audience {
  return [...views, ...files]
}

/** Leaves out those who in any case read a file that is bad at the end of a step. Only of files at the root is it sure that all read them who are said to. */
async function withoutStuck(told: Told, { tree, to, parsed, steeringFiles, searchPaths, label }: Looking): Promise<Audience> {
  if (told.views.length === 0) return told.files
  const files = (await steeringFiles.find({ tree, snapshot: to, parsed, maxReads: MAX_READS })) ?? []
  const scopes = searchScopes(searchPaths, label)
  const bad = files.filter(({ path, steering }) => steering.isUnreadable && !path.includes('/'))
  const stuck = bad.flatMap(({ path }) => plainDirectReaders(scopes, path))
  return [...told.files, ...told.views.filter((concern) => !stuck.some((wide) => contains(wide, concern)))]
}

/** The same tree, which remembers whether the older snapshot could not be read. */
function watchPast({ tree, from }: ConcernOptions): { readonly tree: Tree; readonly isLost: () => boolean } {
  let lost = false
  const watch = async <Result>(snapshot: Snapshot, reading: Promise<Result>): Promise<Result> => {
    try {
      return await reading
    } catch (error) {
      const isGone = error instanceof ServerError && (error.code === 'snapshot-gone' || error.code === 'repository-failed')
      if (isGone && snapshot.id === from.id) lost = true
      throw error
    }
  }
  return {
    isLost: () => lost,
    tree: {
      ...tree,
      list: (snapshot, folder) => watch(snapshot, tree.list(snapshot, folder)),
      parent: (snapshot) => watch(snapshot, tree.parent(snapshot)),
      present: (snapshot, paths) => watch(snapshot, tree.present(snapshot, paths)),
      read: (snapshot, path) => watch(snapshot, tree.read(snapshot, path)),
    },
  }
}
