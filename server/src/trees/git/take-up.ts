import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clone, type ClonePlace, damageAt, makeClone, type Offer, openClone, updateClone } from './clone.js'
import type { Kept } from './kept.js'
import { isOverLimit } from './limit.js'
import type { Advertisement, Remote } from './remote.js'
import type { Upkeep } from './upkeep.js'

/** Brings a clone, if there is one, to what the remote has: in place where that is possible, else by another clone. */
export type TakeUp = (base: Base, advertisement: Advertisement, signal: AbortSignal) => Promise<Clone>

/** The clone that is served, if there is one, and whether it can be gone on with. */
export interface Base {
  readonly clone: Clone | undefined
  readonly isDamaged: boolean
}

export interface TakeUpOptions {
  readonly place: ClonePlace
  readonly remote: Remote
  readonly upkeep: Upkeep
  readonly kept: Kept
  readonly gone: Offer['gone']
  readonly maxDisk: number
  /** A fetch failed, and this is wrong with the clone: it is made anew. */
  readonly onDamage: (damage: string) => void
  readonly clock?: () => number
}

/** What was too large is not asked for again at each look: it would come up to the limit each time (ms). */
const PAUSE_WHEN_TOO_LARGE = 10 * 60_000
/** A clone that grew too large may hold much that nobody needs any more; whether that is so is tried this seldom (ms). */
const PAUSE_BETWEEN_RENEWALS = 60 * 60_000

export function createTakeUp({ place, remote, upkeep, kept, gone, maxDisk, onDamage, clock = Date.now }: TakeUpOptions): TakeUp {
  let tooLarge: { readonly error: unknown; readonly until: number } | undefined
  let renewed = Number.NEGATIVE_INFINITY

  const download: Remote['download'] = async (wanted, signal) => {
    if (tooLarge !== undefined && clock() < tooLarge.until) throw tooLarge.error
    await upkeep.write(place.folder, () => remote.download(wanted, signal))
  }
  const makeAnew = async (offer: Offer, signal: AbortSignal): Promise<Clone> => {
    await upkeep.stop()
    return makeClone(place, offer, signal)
  }
  const update = async (base: Clone, offer: Offer, signal: AbortSignal): Promise<Clone> => {
    try {
      return await updateClone(base, offer, signal)
    } catch (error) {
      if (signal.aborted || !(await (isOverLimit(error) ? mayRenew(error) : isDamaged()))) throw error
      return makeAnew(offer, signal)
    }
  }
  const mayRenew = (error: unknown): boolean => {
    if (error === tooLarge?.error || clock() - renewed < PAUSE_BETWEEN_RENEWALS) return false
    renewed = clock()
    return true
  }
  /** What is missing or cut off makes fetches fail, too. */
  const isDamaged = async (): Promise<boolean> => {
    const damage = await damageAt(place)
    if (damage !== undefined) onDamage(damage)
    return damage !== undefined
  }
  /** What can be gone on with; a folder that a cleaner of temporary files emptied is made again. */
  const findBase = async ({ clone, isDamaged }: Base): Promise<Clone | undefined> => {
    if (isDamaged) return undefined
    if (clone !== undefined) return (await exists(join(place.folder, 'packed-refs'))) ? clone : undefined
    const found = await openClone(place)
    return found?.damage === undefined ? found?.clone : undefined
  }

  return async (current, advertisement, signal) => {
    const offer = { advertisement, remote: { ...remote, download }, kept: kept.refs(), gone, maxDisk }
    const base = await findBase(current)
    // What has ids of another length is another repository at the same address.
    const isSame = base !== undefined && (advertisement.refs.size === 0 || base.objects.idLength === advertisement.idLength)
    try {
      return await (isSame ? update(base, offer, signal) : makeAnew(offer, signal))
    } catch (error) {
      if (isOverLimit(error) && error !== tooLarge?.error) tooLarge = { error, until: clock() + PAUSE_WHEN_TOO_LARGE }
      throw error
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
