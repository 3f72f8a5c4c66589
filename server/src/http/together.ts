import type { Dispatched } from './dispatch.js'

/**
 * Has an answer made once for all who ask the same at the same time, as the instances do that were told of a commit. Who waited takes the answer only if it
 * still holds, and has its own made otherwise.
 */
export type Together = (question: string | undefined, make: () => Promise<Dispatched>) => Promise<Dispatched>

/**
 * How long one request waits for another (ms). Making an answer takes far less, even on a machine that is busy, when making it many times over would be worst;
 * who waits for a remote had better wait for it side by side.
 */
const PATIENCE = 1_000

export function createTogether(patience = PATIENCE): Together {
  const underWay = new Map<string, Promise<Dispatched | undefined>>()
  return async (question, make) => {
    if (question === undefined) return make()
    const others = underWay.get(question)
    if (others !== undefined) {
      const theirs = await others
      return theirs !== undefined && holds(theirs) ? theirs : make()
    }
    const made = make()
    underWay.set(
      question,
      atMost(patience, made).finally(() => underWay.delete(question)),
    )
    return made
  }
}

/** What comes in time; a failure is for the one who asked. */
function atMost<T>(patience: number, made: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, patience, undefined).unref()
    made.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(late))
  })
}

/** What names nothing that it depends on, an error for example, is for the one who asked. */
function holds({ answer }: Dispatched): boolean {
  return answer.pins !== undefined && answer.pins.length > 0 && answer.pins.every((pin) => pin.isCurrent())
}
