import { open } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'

/** A file that is read in parts. What was opened stays readable where another program removes it. */
export interface Ranges {
  /** Tells this file from every other that was opened. */
  readonly serial: number
  readonly size: number
  /** So many bytes from there on, fewer at the end of the file. Not to be written to. */
  readonly read: (from: number, length: number) => Promise<Buffer>
  readonly close: () => Promise<void>
}

/** Read at a time, because what belongs together lies together (bytes). */
const WINDOW = 32 * 1024
const KEPT_WINDOWS = 256
/** More at a time than this is read as it is and not kept (bytes). */
const LONG = 8 * WINDOW

/** One for all files: 8 MiB, however many there are. */
const windows = new LRUCache<string, Promise<Buffer>>({ max: KEPT_WINDOWS })
let opened = 0

/** Throws where there is no such file. */
export async function openRanges(path: string): Promise<Ranges> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  opened += 1
  const serial = opened

  const readNow = async (from: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(Math.max(Math.min(length, size - from), 0))
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled)
      if (bytesRead === 0) throw new Error(`a file ended at ${from + filled}, and has had ${size} bytes`)
      filled += bytesRead
    }
    return buffer
  }
  const window = (number: number): Promise<Buffer> => {
    const key = `${serial} ${number}`
    const kept = windows.get(key)
    if (kept !== undefined) return kept
    const read = readNow(number * WINDOW, WINDOW)
    windows.set(key, read)
    read.catch(() => windows.delete(key))
    return read
  }

  return {
    serial,
    size,
    async read(from, length) {
      if (length > LONG) return readNow(from, length)
      const first = Math.floor(from / WINDOW)
      const parts: Buffer[] = []
      for (let number = first; number * WINDOW < from + length; number++) {
        const start = Math.max(from - number * WINDOW, 0)
        parts.push((await window(number)).subarray(start, from + length - number * WINDOW))
      }
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    },
    close: () => file.close(),
  }
}
