import { LRUCache } from 'lru-cache'
import type { ServerError } from '../errors.js'
import { isContentError } from './content-errors.js'

/**
 * Results that follow from their key alone, built once for all who ask at the same time. The key names everything that decides the result, a
 * snapshot's id above all, so nothing in here is ever out of date.
 */
export interface Memo<Value> {
  readonly get: (key: string, build: () => Promise<Value>) => Promise<Value>
}

export interface MemoOptions<Value> {
  readonly maxBytes: number
  readonly weigh: (value: Value) => number
  /** Whether a value follows from its key indeed; one that does not is for those who wait for it. */
  readonly keeps?: (value: Value) => boolean
}

export function createMemo<Value extends object>({ maxBytes, weigh, keeps = () => true }: MemoOptions<Value>): Memo<Value> {
  const settled = new LRUCache<string, { readonly value: Value } | { readonly error: ServerError }>({ maxSize: maxBytes })
  const running = new Map<string, Promise<Value>>()
  const run = async (key: string, build: () => Promise<Value>): Promise<Value> => {
    try {
      const value = await build()
      if (keeps(value)) settled.set(key, { value }, { size: key.length * 2 + weigh(value) })
      return value
    } catch (error) {
      if (isContentError(error)) settled.set(key, { error }, { size: key.length * 2 + 1024 })
      throw error
    } finally {
      running.delete(key)
    }
  }
  return {
    get: async (key, build) => {
      const outcome = settled.get(key)
      if (outcome !== undefined) {
        if ('error' in outcome) throw outcome.error
        return outcome.value
      }
      const building = running.get(key) ?? run(key, build)
      running.set(key, building)
      return building
    },
  }
}
