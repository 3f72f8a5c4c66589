/** Bytes that are kept in one piece of memory of a fixed size; what was put there first gives way. */
export interface KeptBytes<Note> {
  /** Keeps a copy, and what is to be known of it. Nothing that is larger than an eighth of the memory is kept. */
  readonly put: (key: string, bytes: Uint8Array, note: Note) => void
  /** A copy of so many of them from there on, of all where nothing else is said. */
  readonly get: (key: string, from?: number, length?: number) => { readonly bytes: Buffer; readonly note: Note } | undefined
}

interface Place<Note> {
  readonly note: Note
  readonly start: number
  readonly length: number
}

/**
 * A cache that makes no garbage: short buffers that live for a while and are then let go are what the collector of V8 finds last, and until then they may be ten
 * times as much as the cache.
 */
export function keepBytes<Note>(size: number): KeptBytes<Note> {
  const places = new Map<string, Place<Note>>()
  let memory: Buffer | undefined
  let next = 0

  /** The first of them are those that were put there longest ago. */
  const makeRoom = (start: number, end: number): void => {
    for (const [key, place] of places) {
      if (place.start >= end || place.start + place.length <= start) return
      places.delete(key)
    }
  }
  return {
    put(key, bytes, note) {
      if (bytes.length > size / 8 || bytes.length === 0 || places.has(key)) return
      memory ??= Buffer.allocUnsafeSlow(size)
      if (next + bytes.length > size) {
        makeRoom(next, size)
        next = 0
      }
      makeRoom(next, next + bytes.length)
      memory.set(bytes, next)
      places.set(key, { start: next, length: bytes.length, note })
      next += bytes.length
    },
    get(key, from = 0, length = size) {
      const place = places.get(key)
      if (place === undefined || memory === undefined) return undefined
      const start = place.start + Math.min(from, place.length)
      return { bytes: Buffer.from(memory.subarray(start, Math.min(start + length, place.start + place.length))), note: place.note }
    },
  }
}
