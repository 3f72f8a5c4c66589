import { LRUCache } from 'lru-cache'

/** When a label was first seen at its present snapshot: what a file read there may call its time of change. */
export interface TakeUps {
  /** In ms since 1970, whole seconds. Another snapshot of the same label is always later, so that a client's `If-Modified-Since` never hides it. */
  readonly since: (label: string, snapshotId: string) => number
}

const BYTES_PER_LABEL = 200

/** Git keeps no times of files, and times of commits go back with a force push; the moment at which this server took a snapshot up never does. */
export function createTakeUps({ now = Date.now, maxBytes = 512 * 1024 } = {}): TakeUps {
  const takeUps = new LRUCache<string, { readonly id: string; readonly at: number }>({
    maxSize: maxBytes,
    sizeCalculation: ({ id }, label) => (id.length + label.length) * 2 + BYTES_PER_LABEL,
  })
  return {
    since: (label, snapshotId) => {
      const known = takeUps.get(label)
      if (known?.id === snapshotId) return known.at
      const at = Math.max(Math.floor(now() / 1000) * 1000, (known?.at ?? 0) + 1000)
      takeUps.set(label, { id: snapshotId, at })
      return at
    },
  }
}
