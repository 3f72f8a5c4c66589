import NodeCache from 'node-cache'

/** Which deliveries were taken lately. */
export interface Deliveries {
  /** Whether the id is new; it is remembered then. Ids of two providers never meet. */
  readonly isNew: (provider: string, id: string) => boolean
  /** Idempotent. */
  readonly close: () => void
}

export interface DeliveriesOptions {
  /** How long an id is remembered (seconds). */
  readonly seconds?: number
  readonly maxIds?: number
  /** In ms since 1970. */
  readonly now?: () => number
}

/** Longer than any host's: such an id is not worth the room. */
const MAX_ID = 200

/** Remembers ids for a day. Where there is no room left everything is new: a look too many does no harm, one too few does. */
export function createDeliveries({ seconds = 86_400, maxIds = 50_000, now = Date.now }: DeliveriesOptions = {}): Deliveries {
  const cache = new NodeCache({ stdTTL: seconds, checkperiod: 600, useClones: false, maxKeys: maxIds })
  return {
    isNew: (provider, id) => {
      if (id.length > MAX_ID) return true
      // The prefix keeps ids such as `__proto__` out of the names of the cache's own object.
      const key = `delivery:${provider}:${id}`
      const taken = cache.get<number>(key)
      if (taken !== undefined && now() - taken < seconds * 1000) return false
      remember(cache, key, { time: now(), maxIds })
      return true
    },
    close: () => cache.close(),
  }
}

function remember(cache: NodeCache, key: string, { time, maxIds }: { readonly time: number; readonly maxIds: number }): void {
  // A full cache refuses a key that it already has, too.
  cache.del(key)
  if (cache.getStats().keys < maxIds) cache.set(key, time)
}
