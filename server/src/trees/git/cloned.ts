import { ServerError } from '../../errors.js'
import { faultPoint } from '../../fault-points.js'
import type { Snapshot } from '../tree.js'
import { bareUrl, secretsOf } from './address.js'
import { type Clone, openClone } from './clone.js'
import { openContent } from './content.js'
import type { Engine } from './engine.js'
import type { GitTree, GitTreeOptions, Look } from './git-tree.js'
import { createKept, isKeptRef } from './kept.js'
import { openLabels } from './labels.js'
import { removeLeftoversBeside } from './leftovers.js'
import { openLooks } from './looks.js'
import { isRefName, labelsOf } from './refs.js'
import { type Lookup, resolveLabel } from './resolve.js'
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
  let content: ReturnType<typeof openContent> | undefined
  let failure: ServerError | undefined
  let lastFetch: number | undefined

  const tell = (error: Error) => options.onTrouble?.(error)
  const upkeep = openUpkeep({
    engine,
    maxPacks: options.maxPacks ?? MAX_PACKS,
    onTrouble: (cause) => tell(translate(options, 'tidied up', cause)),
  })
  const gone = options.deleteUntrackedBranches ? 'deleted' : 'kept'
  const takeUp = createTakeUp({ place, remote, upkeep, kept, gone, maxDisk: options.maxDisk ?? 0 })
  const labels = openLabels({
    defaultLabel,
    find: async (label) => (clone === undefined ? undefined : resolveLabel(lookupIn(clone), label)),
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
    for (const [name, commit] of found.refs) if (isKeptRef(name)) kept.add(commit)
    await upkeep.write(folder, async () => undefined)
    await publish(found)
  }
  const opening = open().catch((error: unknown) => fail(error))

  const fail = (cause: unknown) => {
    const known = failure?.message
    failure = cause instanceof ServerError ? cause : translate(options, clone === undefined ? 'cloned' : 'fetched', cause)
    if (failure.message !== known) tell(failure)
  }
  const look = async (signal: AbortSignal) => {
    await opening
    const started = performance.now()
    const end = (outcome: Look['outcome']) => options.onLooked?.({ outcome, seconds: (performance.now() - started) / 1000 })
    try {
      const advertisement = await remote.list(signal)
      faultPoint('fetch.after-list')
      await publish(await takeUp(clone, advertisement, signal))
    } catch (error) {
      fail(signal.aborted ? signal.reason : error)
      end('failed')
      throw failure ?? error
    }
    failure = undefined
    lastFetch = Date.now()
    end('succeeded')
  }
  const interval = refreshRate > 0 ? refreshRate * 1000 : OFTEN
  // A refresh rate below 0 means never, but a repository that was not reached yet is tried again.
  const looks = openLooks({
    look,
    interval: () => (refreshRate < 0 && clone !== undefined ? undefined : clone === undefined ? OFTEN : interval),
  })

  const getContent = async (): Promise<ReturnType<typeof openContent>> => {
    await opening
    looks.touch()
    if (content !== undefined) return content
    throw failure ?? new ServerError('not-ready', `the repository ${url} is being cloned`)
  }
  const unknown = openUnknownLabels({ look: () => looks.now(AbortSignal.timeout(timeout * 1000)) })
  const snapshot = async (label: string): Promise<Snapshot | undefined> => {
    await getContent()
    let id = await labels.resolve(label)
    if (id === undefined && refreshRate >= 0 && isRefName(label) && !looks.isBackingOff()) {
      await unknown.ask(label)
      id = await labels.resolve(label)
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
    list: async (at, path) => (await getContent()).list(at, path),
    read: async (at, path) => (await getContent()).read(at, path),
    reach: async (at, commit) => (await getContent()).reach(at, commit),
    authored: async (at) => (await getContent()).authored(at),
    parent: async (at) => (await getContent()).parent(at),
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

function lookupIn({ refs, objects }: Clone): Lookup {
  return { rules: 'clone', find: async (name) => refs.get(name), objects }
}

/** What the network says may repeat what it was asked: credentials are taken out of it. */
function translate(options: GitTreeOptions, what: 'cloned' | 'fetched' | 'tidied up', cause: unknown): ServerError {
  const { message, code } = cause as NodeJS.ErrnoException
  const said = secretsOf(options).reduce((text, one) => text.replaceAll(one, '***'), message || code || 'unknown reason')
  const place = `the repository ${bareUrl(options.uri)}`
  return new ServerError(what === 'cloned' ? 'no-such-repository' : 'repository-failed', `${place} cannot be ${what}: ${said}`)
}
