import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerError } from '../../errors.js'
import { faultPoint } from '../../fault-points.js'
import type { Snapshot } from '../tree.js'
import { bareUrl, secretsOf } from './address.js'
import { type Clone, makeClone, openClone, removeLeftovers, updateClone } from './clone.js'
import { openContent } from './content.js'
import type { Engine } from './engine.js'
import type { GitTree, GitTreeOptions, Look } from './git-tree.js'
import { createKept, isKeptRef } from './kept.js'
import { openLabels } from './labels.js'
import { openLooks } from './looks.js'
import { isRefName, labelsOf } from './refs.js'
import type { Advertisement } from './remote.js'
import { type Lookup, resolveLabel } from './resolve.js'
import { openUnknownLabels } from './unknown.js'

const OFTEN = 5000

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
  }
  const opening = removeLeftovers(folder)
    .then(() => openClone(place))
    .then((found) => {
      for (const [name, commit] of found?.refs ?? []) if (isKeptRef(name)) kept.add(commit)
      return found && publish(found)
    })
    .catch((error: unknown) => fail(error))

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
      await publish(await takeUp(advertisement, signal))
    } catch (error) {
      fail(signal.aborted ? signal.reason : error)
      end('failed')
      throw failure ?? error
    }
    failure = undefined
    lastFetch = Date.now()
    end('succeeded')
  }
  const takeUp = async (advertisement: Advertisement, signal: AbortSignal): Promise<Clone> => {
    const offer = { advertisement, remote, kept: kept.refs(), gone: options.deleteUntrackedBranches ? 'deleted' : 'kept' } as const
    // A folder that a cleaner of temporary files emptied is made again.
    const base = clone === undefined ? await openClone(place) : (await exists(join(folder, 'packed-refs'))) ? clone : undefined
    // What has ids of another length is another repository at the same address.
    if (base === undefined || (advertisement.refs.size > 0 && base.objects.idLength !== advertisement.idLength))
      return makeClone(place, offer, signal)
    return updateClone(base, offer, signal)
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
    }),
    async close() {
      await looks.close()
      await opening
      await remote.close()
      await clone?.objects.close()
    },
  }
}

function lookupIn({ refs, objects }: Clone): Lookup {
  return { rules: 'clone', find: async (name) => refs.get(name), objects }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** What the network says may repeat what it was asked: credentials are taken out of it. */
function translate(options: GitTreeOptions, what: 'cloned' | 'fetched', cause: unknown): ServerError {
  const { message, code } = cause as NodeJS.ErrnoException
  const said = secretsOf(options).reduce((text, one) => text.replaceAll(one, '***'), message || code || 'unknown reason')
  const place = `the repository ${bareUrl(options.uri)}`
  return new ServerError(what === 'cloned' ? 'no-such-repository' : 'repository-failed', `${place} cannot be ${what}: ${said}`)
}
