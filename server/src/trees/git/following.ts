import { faultPoint } from '../../fault-points.js'
import { type Clone, type ClonePlace, openClone } from './clone.js'
import type { Doubts } from './doubts.js'
import type { GitTreeOptions, Look } from './git-tree.js'
import { isKeptRef, type Kept } from './kept.js'
import type { Labels } from './labels.js'
import { removeLeftoversBeside } from './leftovers.js'
import { type Looks, openLooks } from './looks.js'
import type { Remote } from './remote.js'
import type { Standing } from './standing.js'
import type { TakeUp } from './take-up.js'
import type { Upkeep } from './upkeep.js'

/** Follows a remote: serves the clone that an earlier start left, and what each look at the remote brings. */
export interface Following {
  /** Resolves once what lies on disk was looked at. Never rejects. */
  readonly opening: Promise<void>
  readonly looks: Looks
}

export interface FollowingOptions extends Pick<GitTreeOptions, 'refreshRate' | 'onLooked'> {
  readonly place: ClonePlace
  readonly remote: Remote
  readonly standing: Standing
  readonly labels: Labels
  readonly takeUp: TakeUp
  readonly upkeep: Upkeep
  readonly doubts: Doubts
  readonly kept: Kept
  /** Another clone is served from now on, and labels are about to be looked up in it. */
  readonly onServed: () => void
}

/** Time between two looks, where the settings leave it to us, and while there is something to mend (ms). */
const OFTEN = 5000

/** Begins at once. */
export function followRemote(options: FollowingOptions): Following {
  const { standing, doubts, refreshRate } = options
  const opening = openLast(options).catch((error: unknown) => void standing.fail(error))
  const isDamaged = (clone: Clone): boolean => doubts.damageOf(clone) !== undefined
  // A refresh rate below 0 means never, but a repository that was not reached yet is tried again.
  const looks = openLooks({
    look: async (signal) => {
      await opening
      await lookOnce(options, signal)
    },
    interval: () => {
      const clone = standing.clone()
      if (clone === undefined || isDamaged(clone)) return OFTEN
      return refreshRate < 0 ? undefined : refreshRate * 1000 || OFTEN
    },
  })
  return { opening, looks }
}

/** What an earlier start left, damaged or not: it can be read as far as that goes. */
async function openLast(options: FollowingOptions): Promise<void> {
  const { place, kept, upkeep, doubts } = options
  await removeLeftoversBeside(place.folder)
  const found = await openClone(place)
  if (found === undefined) return
  for (const [name, commit] of found.clone.refs) if (isKeptRef(name)) kept.add(commit)
  await upkeep.write(place.folder, async () => undefined)
  if (found.damage !== undefined) doubts.declare(found.clone, found.damage)
  await serve(options, found.clone)
}

async function lookOnce(options: FollowingOptions, signal: AbortSignal): Promise<void> {
  const { remote, standing, doubts, takeUp, onLooked } = options
  const started = performance.now()
  const end = (outcome: Look['outcome']) => onLooked?.({ outcome, seconds: (performance.now() - started) / 1000 })
  try {
    const advertisement = await remote.list(signal)
    faultPoint('fetch.after-list')
    const clone = standing.clone()
    const isDamaged = clone !== undefined && doubts.damageOf(clone) !== undefined
    const next = await takeUp({ clone, isDamaged }, advertisement, signal)
    standing.succeed()
    await serve(options, next)
  } catch (error) {
    end('failed')
    throw standing.fail(signal.aborted ? signal.reason : error)
  }
  end('succeeded')
}

async function serve({ standing, labels, upkeep, onServed }: FollowingOptions, next: Clone): Promise<void> {
  if (next === standing.clone()) {
    if (!labels.isComplete()) await labels.refresh()
    return
  }
  standing.serve(next)
  onServed()
  faultPoint('store.before-assign')
  await labels.refresh()
  faultPoint('store.after-assign')
  await upkeep.look(next)
}
