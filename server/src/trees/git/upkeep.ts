import type { Clone } from './clone.js'
import type { Engine } from './engine.js'
import { removeLeftoversIn } from './leftovers.js'
import { type DiskUse, diskUse } from './packs.js'
import { repack } from './repack.js'
import { findRot } from './whole.js'

/** Keeps a clone tidy on disk: removes what nobody finished, knows what it takes, makes few packs of many. */
export interface Upkeep {
  /** Runs what writes into the clone. What lies there unfinished goes before, unless somebody writes at the moment. */
  readonly write: <Result>(gitdir: string, work: () => Promise<Result>) => Promise<Result>
  /** Looks at what a clone takes now; where that is too many packs, a repack begins, or another follows the one that runs. Nobody waits for it. Never rejects. */
  readonly look: (clone: Clone) => Promise<void>
  /** As of the last look; empty before the first. */
  readonly state: () => { readonly disk?: DiskUse }
  /** Ends a repack: the clone is going to be another. */
  readonly stop: () => Promise<void>
}

export interface UpkeepOptions {
  readonly engine: Engine
  /** More packs than this are too many. */
  readonly maxPacks: number
  readonly onTrouble: (cause: unknown) => void
  /** Packs could not be joined, because one is not as it was written. */
  readonly onDamage: (clone: Clone, damage: string) => void
}

/** Packs that cannot be joined are tried again when so many more have come. */
const AFTER_FAILURE = 20
const LONGEST = 15 * 60_000

export function openUpkeep({ engine, maxPacks, onTrouble, onDamage }: UpkeepOptions): Upkeep {
  let writers = 0
  /** What whoever comes while it runs waits for: it would take what he writes for left. */
  let cleaning: Promise<void> | undefined
  let disk: DiskUse | undefined
  let measured = 0
  /** Looked at since the repack that runs began: what came meanwhile is not in that. */
  let asked: Clone | undefined
  let running: Promise<void> | undefined
  let stopping = new AbortController()
  let enough = maxPacks

  const write = async <Result>(gitdir: string, work: () => Promise<Result>): Promise<Result> => {
    writers += 1
    try {
      if (writers === 1) cleaning = removeLeftoversIn(gitdir)
      await cleaning
      return await work()
    } finally {
      writers -= 1
    }
  }
  /** Two may overlap: what began last knows best. */
  const measure = async (gitdir: string): Promise<void> => {
    measured += 1
    const mine = measured
    const use = await diskUse(gitdir)
    if (mine === measured) disk = use
  }
  const isTooMuch = () => (disk?.packs ?? 0) > enough
  const tidy = async (clone: Clone): Promise<void> => {
    const { gitdir, objects } = clone
    stopping = new AbortController()
    const { signal } = stopping
    try {
      await write(gitdir, () => repack(gitdir, engine, AbortSignal.any([signal, AbortSignal.timeout(LONGEST)])))
      enough = maxPacks
    } catch (error) {
      if (!signal.aborted) {
        enough = (disk?.packs ?? maxPacks) + AFTER_FAILURE
        const damage = await findRot(clone).catch(() => undefined)
        if (damage === undefined) onTrouble(error)
        else onDamage(clone, damage)
      }
    }
    // What is held of packs that are gone would only take room.
    objects.forgetPacks()
    await measure(gitdir)
  }
  const tidyWhileAsked = async (clone: Clone): Promise<void> => {
    try {
      for (let next: Clone | undefined = clone; next !== undefined; ) {
        asked = undefined
        await tidy(next)
        next = isTooMuch() && !stopping.signal.aborted ? asked : undefined
      }
    } finally {
      running = undefined
    }
  }

  return {
    write,
    async look(clone) {
      asked = clone
      await measure(clone.gitdir)
      if (running === undefined && isTooMuch()) running = tidyWhileAsked(clone)
    },
    state: () => (disk === undefined ? {} : { disk }),
    async stop() {
      stopping.abort(new Error('the clone is closed or replaced'))
      await running
    },
  }
}
