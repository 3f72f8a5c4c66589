import { ServerError } from '../../errors.js'
import type { Snapshot } from '../tree.js'
import { bareUrl } from './address.js'
import type { Clone } from './clone.js'
import { openContent } from './content.js'
import { createDoubts } from './doubts.js'
import type { Engine } from './engine.js'
import { type Following, followRemote } from './following.js'
import type { GitTree, GitTreeOptions } from './git-tree.js'
import { createKept } from './kept.js'
import { openLabels } from './labels.js'
import { isRefName, labelsOf } from './refs.js'
import { findPlace } from './repository.js'
import { resolveLabel } from './resolve.js'
import { type Content, createStanding, failureOf } from './standing.js'
import { createTakeUp } from './take-up.js'
import { openUnknownLabels } from './unknown.js'
import { openUpkeep } from './upkeep.js'

/** More packs than this are made fewer, where the settings say nothing. */
const MAX_PACKS = 40

/** A bare clone of a remote repository. Reads use the disk and memory alone; looks at the remote run beside them. */
export function openClonedTree(options: GitTreeOptions, engine: Engine): GitTree {
  const parts = openParts(options, engine)
  const { standing, labels, doubts, kept, upkeep, remote } = parts
  const { opening, looks } = parts.following
  const read = <Result>(work: (content: Content) => Promise<Result>): Promise<Result> =>
    doubts.reading({ now: async () => work(await contentOf(parts)), again: (objects) => work(openContent(objects)) })
  return {
    current(label) {
      looks.touch()
      return labels.current(label)
    },
    snapshot: (label) => findSnapshot(parts, label),
    labels: async () => labelsOf(standing.clone()?.refs.keys() ?? []),
    list: (at, path) => read((from) => from.list(at, path)),
    present: (at, paths) => read((from) => from.present(at, paths)),
    read: (at, path) => read((from) => from.read(at, path)),
    reach: (at, commit) => read((from) => from.reach(at, commit)),
    authored: (at) => read((from) => from.authored(at)),
    parent: (at) => read((from) => from.parent(at)),
    keep: ({ id }) => kept.add(id),
    fetch: (signal) => looks.now(signal),
    status: () => ({ ...standing.status(), ...upkeep.state() }),
    async close() {
      await looks.close()
      await opening
      await upkeep.stop()
      await remote.close()
      await standing.clone()?.objects.close()
    },
  }
}

type Parts = ReturnType<typeof openParts>

/** What a clone is looked after with; each knows of the others only what it is told here. */
function openParts(options: GitTreeOptions, engine: Engine) {
  const { folder, refreshRate, onLooked } = options
  const url = bareUrl(options.uri)
  const place = { folder, url, engine }
  const remote = engine.openRemote(options)
  const kept = createKept()
  const standing = createStanding(options)
  const tell = (error: Error) => options.onTrouble?.(error)
  const lookNow = () => following.looks.now(AbortSignal.timeout(options.timeout * 1000))
  const upkeep = openUpkeep({
    engine,
    maxPacks: options.maxPacks ?? MAX_PACKS,
    onTrouble: (cause) => tell(failureOf(options, 'tidied up', cause)),
    onDamage: (clone, damage) => doubts.declare(clone, damage),
  })
  const doubts = createDoubts({
    url,
    clone: standing.clone,
    openAgain: async ({ gitdir }) => engine.openObjects(await findPlace(gitdir)),
    isExpected: (commit) => labels.isMeant(commit),
    onDamage: (error) => {
      standing.fail(error)
      void lookNow().catch(() => undefined)
    },
  })
  const takeUp = createTakeUp({
    place,
    remote,
    upkeep,
    kept,
    gone: options.deleteUntrackedBranches ? 'deleted' : 'kept',
    maxDisk: options.maxDisk ?? 0,
    onDamage: (damage) =>
      tell(new ServerError('repository-failed', `the clone of ${url} in ${folder} is damaged and is made anew: ${damage}`)),
  })
  const labels = openLabels({
    defaultLabel: options.defaultLabel,
    find: async (label) => findIn(standing.clone(), label),
    onMove: (label, from, to) => options.onMove?.(label, from, to),
    onTrouble: tell,
  })
  const unknown = openUnknownLabels({ look: lookNow })
  const shared = { place, remote, standing, labels, takeUp, upkeep, doubts, kept, refreshRate, onServed: unknown.clear }
  const following: Following = followRemote({ ...shared, ...(onLooked === undefined ? {} : { onLooked }) })
  return { ...shared, unknown, following }
}

async function contentOf({ standing, following: { opening, looks } }: Parts): Promise<Content> {
  await opening
  looks.touch()
  return standing.content()
}

/** A label that the clone lacks may be new: the remote is asked for it, within bounds. */
async function findSnapshot(parts: Parts, label: string): Promise<Snapshot | undefined> {
  await contentOf(parts)
  const found = await resolve(parts, label)
  if (found !== undefined) return { id: found }
  if (parts.refreshRate < 0 || !isRefName(label) || parts.following.looks.isBackingOff()) return undefined
  await parts.unknown.ask(label)
  const id = await resolve(parts, label)
  return id === undefined ? undefined : { id }
}

function resolve({ doubts, labels }: Parts, label: string): Promise<string | undefined> {
  return doubts.reading({ now: () => labels.resolve(label), again: (objects, { refs }) => findIn({ refs, objects }, label) })
}

async function findIn(clone: Pick<Clone, 'refs' | 'objects'> | undefined, label: string): Promise<string | undefined> {
  if (clone === undefined) return undefined
  const { refs, objects } = clone
  try {
    return await resolveLabel({ rules: 'clone', find: async (name) => refs.get(name), objects }, label)
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    const message = `the repository is damaged: what the label ${label} names cannot be read: ${(cause as Error).message}`
    throw new ServerError('repository-failed', message, { cause })
  }
}
