import type { Snapshot, Tree } from '../trees/tree.js'
import type { BadFile, BadFiles } from './bad-files.js'
import { isContentError } from './content-errors.js'
import type { LastGood } from './last-good.js'
import { createMemo } from './memo.js'
import { type ReadView, type WalkBounds, type WalkEnd, walkBack } from './walk-back.js'

/** One view of one repository at one label, and how it is built. */
export interface AskedView<Built> {
  /** Names everything that decides the view but the snapshot. */
  readonly key: string
  /** Without credentials. */
  readonly repository: string
  readonly label: string
  readonly tree: Tree
  /** What the label means. */
  readonly wanted: Snapshot
  /** Fails as `read` does, and remembers what came of it. */
  readonly build: (snapshot: Snapshot) => Promise<Built>
  readonly read: ReadView
  /** Asks for the same view once more, at whatever the label means then. */
  readonly again: () => Promise<unknown>
}

/** A view as it is served. */
export interface Effective<Built> {
  readonly built: Built
  /** The wanted one, or the newest earlier one in which the view can be read. */
  readonly snapshot: Snapshot
}

/** Answers views from commits in which they can be read. */
export interface EffectiveViews {
  /** Throws the content error of the wanted snapshot where there is none that could be served instead, and what the tree throws. */
  readonly find: <Built>(view: AskedView<Built>) => Promise<Effective<Built>>
}

/** Spring's way: a view that cannot be read in the wanted commit is an error. */
export const strictViews: EffectiveViews = {
  find: async ({ wanted, build }) => ({ built: await build(wanted), snapshot: wanted }),
}

export interface EffectiveOptions {
  readonly badFiles: BadFiles
  readonly lastGood: LastGood
  readonly bounds?: Partial<WalkBounds>
}

/** What came of a walk, with its key (bytes). */
const WALKS = 8 * 1024 * 1024
const BYTES_PER_WALK = 256

/**
 * A view that cannot be read in the wanted commit is served, whole, from the newest earlier one in which it can. Each view of each repository goes back for
 * itself: what a broken file does not touch moves on. What a walk found is remembered, so a bad commit costs each view one walk.
 */
export function createEffectiveViews({ badFiles, lastGood, bounds = {} }: EffectiveOptions): EffectiveViews {
  const walks = createMemo<Walked>({ maxBytes: WALKS, weigh: () => BYTES_PER_WALK, keeps: ({ isEnd }) => isEnd })
  const goodBefore = async ({ key, tree, wanted, read }: AskedView<unknown>): Promise<Instead | undefined> => {
    const walk = () => walkBack({ tree, from: wanted, read, bounds }).then((end) => namingSince(tree, end))
    const { found, since } = await walks.get(`${wanted.id} ${key}`, walk)
    return found && { snapshot: found, ...(since === undefined ? {} : { since }) }
  }
  const goodOnce = async ({ key, build }: AskedView<unknown>): Promise<Instead | undefined> => {
    const id = await lastGood.get(key)
    if (id === undefined) return undefined
    // It may be gone, or be read otherwise than by the server of that time.
    await build({ id })
    return { snapshot: { id } }
  }
  const findInstead = async (view: AskedView<unknown>): Promise<Instead | undefined> =>
    (await orNothing(goodBefore(view))) ?? (await orNothing(goodOnce(view)))
  const served = <Built>({ key, tree }: AskedView<Built>, view: Effective<Built>): Effective<Built> => {
    lastGood.note(key, view.snapshot.id)
    tree.keep(view.snapshot)
    return view
  }
  return {
    find: async (view) => {
      try {
        return served(view, { built: await view.build(view.wanted), snapshot: view.wanted })
      } catch (error) {
        if (!isContentError(error)) throw error
        const { snapshot, ...bad } = (await findInstead(view)) ?? {}
        const { repository, label, again } = view
        badFiles.note({ repository, label, again, error, ...bad, ...(snapshot === undefined ? {} : { served: snapshot.id }) })
        if (snapshot === undefined) throw error
        return served(view, { built: await view.build(snapshot), snapshot })
      }
    },
  }
}

type Since = NonNullable<BadFile['since']>
type Walked = Omit<WalkEnd, 'since'> & { readonly since?: Since }

/** What is served instead of the wanted snapshot, and since when. */
interface Instead {
  readonly snapshot: Snapshot
  readonly since?: Since
}

async function namingSince(tree: Tree, { since, ...end }: WalkEnd): Promise<Walked> {
  return since === undefined ? end : { ...end, since: { commit: since.id, ...(await tree.authored(since)) } }
}

/** What goes wrong on the way back leaves things as they are: the wanted snapshot cannot be read. */
function orNothing<Value>(looking: Promise<Value | undefined>): Promise<Value | undefined> {
  return looking.catch(() => undefined)
}
