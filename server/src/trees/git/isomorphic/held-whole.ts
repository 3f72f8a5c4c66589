import type { Ranges } from './ranges.js'

/** What several files may take of memory together (bytes). */
export interface Room {
  readonly size: number
  taken: number
}

/** For all repositories: the indexes of half a million objects. */
const shared: Room = { size: 16 * 1024 * 1024, taken: 0 }

/**
 * The same file, in memory as a whole from its first reading until it is closed, where there is room for it: what is looked up all over a file, by many small
 * readings, takes many times as long in parts.
 */
export function heldWhole(file: Ranges, room = shared): Ranges {
  const { size } = file
  let whole: Promise<Buffer> | undefined

  const letGo = (): void => {
    if (whole !== undefined) room.taken -= size
    whole = undefined
  }
  const hold = (): Promise<Buffer> => {
    room.taken += size
    const reading = file.read(0, size)
    whole = reading
    reading.catch(() => whole === reading && letGo())
    return reading
  }
  return {
    ...file,
    async read(from, length) {
      if (whole === undefined && room.taken + size > room.size) return file.read(from, length)
      return (await (whole ?? hold())).subarray(from, from + length)
    },
    close() {
      letGo()
      return file.close()
    },
  }
}
