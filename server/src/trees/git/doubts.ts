import { ServerError } from '../../errors.js'
import type { Clone } from './clone.js'
import type { Objects } from './objects.js'

/** Doubts about a clone that came up while it was read: settled by looking at the disk once more. */
export interface Doubts {
  /** A read, and the same with objects that were opened anew. Fails with `not-ready` where the clone is damaged. */
  readonly reading: <Result>(read: Read<Result>) => Promise<Result>
  /** What is wrong with this clone as far as is known. */
  readonly damageOf: (clone: Clone) => string | undefined
  readonly declare: (clone: Clone, damage: string) => void
}

export interface Read<Result> {
  readonly now: () => Promise<Result>
  readonly again: (objects: Objects, clone: Clone) => Promise<Result>
}

export interface DoubtsOptions {
  /** Without credentials. */
  readonly url: string
  readonly clone: () => Clone | undefined
  readonly openAgain: (clone: Clone) => Promise<Objects>
  /** Whether a commit that is not there ought to be. */
  readonly isExpected: (commit: string) => boolean
  /** The clone has to be made anew. */
  readonly onDamage: (error: ServerError) => void
  readonly clock?: () => number
}

/** What is still damaged right after a clone was made anew came so from the remote: it is tried again after this time, and then after twice that (ms). */
const PAUSE = 10 * 60_000
const LONGEST_PAUSE = 24 * 60 * 60_000
/** Where nobody met anything wrong for so long, making the clone anew had helped: the pauses begin again with the first (ms). */
const CALM = 6 * 60 * 60_000

export function createDoubts({ url, clone, openAgain, isExpected, onDamage, clock = Date.now }: DoubtsOptions): Doubts {
  // By its objects: a fetch moves the refs of a clone, and leaves it as damaged as it was.
  let damaged: { readonly objects: Objects; readonly damage: string } | undefined
  let notBefore = Number.NEGATIVE_INFINITY
  let pause = PAUSE
  /** When something wrong was met last. */
  let met = Number.NEGATIVE_INFINITY
  let settling: Promise<unknown> = Promise.resolve()

  const damageOf = (which: Clone): string | undefined => (damaged?.objects === which.objects ? damaged.damage : undefined)
  const meet = (): void => {
    if (clock() - met >= CALM) {
      notBefore = Number.NEGATIVE_INFINITY
      pause = PAUSE
    }
    met = clock()
  }
  const declare = (which: Clone, damage: string): void => {
    damaged = { objects: which.objects, damage }
    meet()
    notBefore = clock() + pause
    pause = Math.min(2 * pause, LONGEST_PAUSE)
    onDamage(new ServerError('repository-failed', `the clone of ${url} in ${which.gitdir} is damaged and is made anew: ${damage}`))
  }
  const mayBeDamage = (error: unknown): error is ServerError =>
    error instanceof ServerError &&
    (error.code === 'repository-failed' || (error.code === 'snapshot-gone' && isExpected(error.place.commit ?? '')))

  const settle = async <Result>(error: ServerError, { again }: Read<Result>): Promise<Result> => {
    const current = clone()
    if (current === undefined) throw error
    if (damageOf(current) !== undefined) throw beingMade(url, error)
    meet()
    if (clock() < notBefore) throw error
    const objects = await openAgain(current)
    try {
      const result = await again(objects, current)
      current.objects.forgetPacks()
      return result
    } catch (second) {
      if (!mayBeDamage(second)) throw second
      declare(current, second.message)
      throw beingMade(url, second)
    } finally {
      await objects.close()
    }
  }

  return {
    damageOf,
    declare,
    async reading(read) {
      try {
        return await read.now()
      } catch (error) {
        if (!mayBeDamage(error)) throw error
        // One after the other: what the first finds out, the others need not.
        const settled = settling.then(() => settle(error, read))
        settling = settled.catch(() => undefined)
        return settled
      }
    },
  }
}

function beingMade(url: string, cause: ServerError): ServerError {
  return new ServerError('not-ready', `the clone of ${url} is damaged and is being made anew: ${cause.message}`, { cause })
}
