import { ServerError } from '../../errors.js'
import { faultPoint } from '../../fault-points.js'
import type { Snapshot } from '../tree.js'
import { bareUrl, secretsOf } from './address.js'
import { type Clone, openClone } from './clone.js'
import { openContent } from './content.js'
import { createDoubts } from './doubts.js'
import type { Engine } from './engine.js'
import type { GitTree, GitTreeOptions, Look } from './git-tree.js'
import { createKept, isKeptRef } from './kept.js'
import { openLabels } from './labels.js'
import { removeLeftoversBeside } from './leftovers.js'
import { openLooks } from './looks.js'
import { isRefName, labelsOf } from './refs.js'
import { isRefusal } from './remote.js'
import { findPlace } from './repository.js'
import { resolveLabel } from './resolve.js'
import { createTakeUp } from './take-up.js'
import { openUnknownLabels } from './unknown.js'
import { openUpkeep } from './upkeep.js'

const OFTEN = 5000
/** More packs than this are made fewer, where the settings say nothing. */
const MAX_PACKS = 40

/** A bare clone of a remote repository. Reads use the disk and memory alone; looks at the remote run beside them. */
export function openClonedTree(options: GitTreeOptions, engine: Engine): GitTree {
  const { folder, defaultLabel, refreshRate, timeout } = options
  const url = bareUrl(options.uri)
  const place = { folder, url, engine }
  const remote = engine.openRemote(options)
  const kept = createKept()
  let clone: Clone | undefined
  let content: Content | undefined
  let failure: ServerError | undefined
  let lastFetch: number | undefined

  const tell = (error: Error) => options.onTrouble?.(error)
  const upkeep = openUpkeep({
    engine,
    maxPacks: options.maxPacks ?? MAX_PACKS,
    onTrouble: (cause) => tell(translate(options, 'tidied up', cause)),
    onDamage: (which, damage) => doubts.declare(which, damage),
  })
  const doubts = createDoubts({
    url,
    clone: () => clone,
    openAgain: async ({ gitdir }) => engine.openObjects(await findPlace(gitdir)),
    isExpected: (commit) => labels.known().some((label) => labels.current(label) === commit),
    onDamage: (error) => {
      fail(error)
      void looks.now(AbortSignal.timeout(timeout * 1000)).catch(() => undefined)
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
    defaultLabel,
    find: async (label) => (clone === undefined ? undefined : findIn(clone, label)),
    onMove: (label, from, to) => options.onMove?.(label, from, to),
    onTrouble: tell,
  })
  const publish = async (next: Clone) => {
    if (next === clone) return
    // Whoever is in the middle of reading the old clone goes on.
    if (next.objects !== clone?.objects) clone?.objects.forgetPacks()
    clone = next
    content = openContent(next.objects)
    unknown.clear()
    faultPoint('store.before-assign')
    await labels.refresh()
    faultPoint('store.after-assign')
    await upkeep.look(next)
  }
  const open = async (): Promise<void> => {
    await removeLeftoversBeside(folder)
    const found = await openClone(place)
    if (found === undefined) return
    for (const [name, commit] of found.clone.refs) if (isKeptRef(name)) kept.add(commit)
    await upkeep.write(folder, async () => undefined)
    if (found.damage !== undefined) doubts.declare(found.clone, found.damage)
    await publish(found.clone)
  }
  const opening = open().catch((error: unknown) => fail(error))

  const fail = (cause: unknown) => {
    const known = failure?.message
    failure =
      cause instanceof ServerError && !isRefusal(cause) ? cause : translate(options, clone === undefined ? 'cloned' : 'fetched', cause)
    if (failure.message !== known) tell(failure)
  }
  const look = async (signal: AbortSignal) => {
    await opening
    const started = performance.now()
    const end = (outcome: Look['outcome']) => options.onLooked?.({ outcome, seconds: (performance.now() - started) / 1000 })
    try {
      const advertisement = await remote.list(signal)
      faultPoint('fetch.after-list')
      const isDamaged = clone !== undefined && doubts.damageOf(clone) !== undefined
      const next = await takeUp({ clone, isDamaged }, advertisement, signal)
      // Whoever is told of a new commit finds no failure beside it that is over.
      failure = undefined
      await publish(next)
    } catch (error) {
      fail(signal.aborted ? signal.reason : error)
      end('failed')
      throw failure ?? error
    }
    lastFetch = Date.now()
    end('succeeded')
  }
  const interval = refreshRate > 0 ? refreshRate * 1000 : OFTEN
  // A refresh rate below 0 means never, but a repository that was not reached yet is tried again.
  const looks = openLooks({
    look,
    interval: () => {
      if (clone === undefined || doubts.damageOf(clone) !== undefined) return OFTEN
      return refreshRate < 0 ? undefined : interval
    },
  })

  const getContent = async (): Promise<Content> => {
    await opening
    looks.touch()
    if (content !== undefined) return content
    throw failure ?? new ServerError('not-ready', `the repository ${url} is being cloned`)
  }
  const unknown = openUnknownLabels({ look: () => looks.now(AbortSignal.timeout(timeout * 1000)) })
  const resolve = (label: string): Promise<string | undefined> =>
    doubts.reading({
      now: () => labels.resolve(label),
      again: (objects, { refs }) => findIn({ refs, objects }, label),
    })
  const read = <Result>(work: (content: Content) => Promise<Result>): Promise<Result> =>
    doubts.reading({ now: async () => work(await getContent()), again: (objects) => work(openContent(objects)) })
  const snapshot = async (label: string): Promise<Snapshot | undefined> => {
    await getContent()
    let id = await resolve(label)
    if (id === undefined && refreshRate >= 0 && isRefName(label) && !looks.isBackingOff()) {
      await unknown.ask(label)
      id = await resolve(label)
    }
    return id === undefined ? undefined : { id }
  }

  return {
    current(label) {
      looks.touch()
      return labels.current(label)
    },
    snapshot,
    labels: async () => labelsOf(clone?.refs.keys() ?? []),
    list: (at, path) => read((from) => from.list(at, path)),
    read: (at, path) => read((from) => from.read(at, path)),
    reach: (at, commit) => read((from) => from.reach(at, commit)),
    authored: (at) => read((from) => from.authored(at)),
    parent: (at) => read((from) => from.parent(at)),
    keep: ({ id }) => kept.add(id),
    fetch: (signal) => looks.now(signal),
    status: () => ({
      state: clone !== undefined ? 'ready' : failure === undefined ? 'cloning' : 'failed',
      ...(lastFetch === undefined ? {} : { lastFetch }),
      ...(failure === undefined ? {} : { lastError: failure.message }),
      ...upkeep.state(),
    }),
    async close() {
      await looks.close()
      await opening
      await upkeep.stop()
      await remote.close()
      await clone?.objects.close()
    },
  }
}

async function findIn({ refs, objects }: Pick<Clone, 'refs' | 'objects'>, label: string): Promise<string | undefined> {
  try {
    return await resolveLabel({ rules: 'clone', find: async (name) => refs.get(name), objects }, label)
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    const message = `the repository is damaged: what the label ${label} names cannot be read: ${(cause as Error).message}`
    throw new ServerError('repository-failed', message, { cause })
  }
}

type Content = ReturnType<typeof openContent>

/** What the network says may repeat what it was asked: credentials are taken out of it. */
function translate(options: GitTreeOptions, what: 'cloned' | 'fetched' | 'tidied up', cause: unknown): ServerError {
  const { message, code } = cause as NodeJS.ErrnoException
  const said = secretsOf(options).reduce((text, one) => text.replaceAll(one, '***'), message || code || 'unknown reason')
  const place = `the repository ${bareUrl(options.uri)}`
  const never = isRefusal(cause) ? 'repository-refused' : 'no-such-repository'
  return new ServerError(what === 'cloned' ? never : 'repository-failed', `${place} cannot be ${what}: ${said}`)
}
