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

export function createMemo<Value extends object>({ maxBytes, weigh }: { maxBytes: number; weigh: (value: Value) => number }): Memo<Value> {
  const settled = new LRUCache<string, { readonly value: Value } | { readonly error: ServerError }>({ maxSize: maxBytes })
  const running = new Map<string, Promise<Value>>()
  const run = async (key: string, build: () => Promise<Value>): Promise<Value> => {
    try {
      const value = await build()
      settled.set(key, { value }, { size: key.length * 2 + weigh(value) })
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
