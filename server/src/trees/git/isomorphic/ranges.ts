import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createAtOnce } from './at-once.js'
import { keepBytes } from './kept-bytes.js'

/** A file that is read in parts. What was opened stays readable where another program removes it. */
export interface Ranges {
  /** Tells this file from every other that was opened. */
  readonly serial: number
  readonly size: number
  /** So many bytes from there on, fewer at the end of the file. */
  readonly read: (from: number, length: number) => Promise<Buffer>
  readonly close: () => Promise<void>
}

/** Read at a time, because what belongs together lies together (bytes). */
const WINDOW = 8 * 1024
/** More at a time than this is read as it is and not kept (bytes). */
const LONG = 16 * WINDOW

/** One for all files, however many there are. */
const windows = keepBytes<undefined>(2 * 1024 * 1024)
const atOnce = createAtOnce()
let opened = 0

/** Throws where there is no such file. */
export async function openRanges(path: string): Promise<Ranges> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  const loading = new Map<number, Promise<Buffer>>()
  opened += 1
  const serial = opened

  const readNow = async (from: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(Math.max(Math.min(length, size - from), 0))
    let filled = 0
    while (filled < buffer.length) {
      const place = [buffer, filled, buffer.length - filled, from + filled] as const
      const bytesRead = (length > WINDOW ? undefined : atOnce(() => readSync(file.fd, ...place))) ?? (await file.read(...place)).bytesRead
      if (bytesRead === 0) throw new Error(`a file ended at ${from + filled}, and has had ${size} bytes`)
      filled += bytesRead
    }
    return buffer
  }
  const load = async (number: number): Promise<Buffer> => {
    const bytes = await readNow(number * WINDOW, WINDOW)
    windows.put(keyOf(number), bytes, undefined)
    return bytes
  }
  const window = (number: number): Promise<Buffer> => {
    const other = loading.get(number)
    if (other !== undefined) return other
    const mine = load(number).finally(() => loading.delete(number))
    loading.set(number, mine)
    return mine
  }
  const keyOf = (number: number): string => `${serial} ${number}`

  return {
    serial,
    size,
    async read(from, length) {
      if (length > LONG) return readNow(from, length)
      const parts: Buffer[] = []
      for (let number = Math.floor(from / WINDOW); number * WINDOW < from + length; number++) {
        const start = Math.max(from - number * WINDOW, 0)
        const long = from + length - number * WINDOW - start
        parts.push(windows.get(keyOf(number), start, long)?.bytes ?? (await window(number)).subarray(start, start + long))
      }
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    },
    close: () => file.close(),
  }
}
