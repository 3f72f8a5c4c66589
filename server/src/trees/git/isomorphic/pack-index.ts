import { FANOUT, FAR, INDEX_HEAD, layoutOf } from '../pack-contents.js'
import type { Ranges } from './ranges.js'

/** Which objects a pack holds, and where in it they begin. */
export interface PackIndex {
  readonly offsetOf: (id: string) => Promise<number | undefined>
  /** The ids that begin with these digits. */
  readonly startingWith: (digits: string) => Promise<readonly string[]>
}

const ID = 20
/** So many ids are looked through at once. */
const TOGETHER = 64

/** Looks things up in the file of an index (version 2 of gitformat-pack) and keeps 1 KiB of it. Throws for what is none. */
export async function openIndex(file: Ranges): Promise<PackIndex> {
  const head = Buffer.from(await file.read(0, INDEX_HEAD))
  const layout = layoutOf(head, ID)
  if (layout === undefined) throw new Error('the index of a pack is damaged, or not of version 2')
  const { count, offsets, far } = layout
  if (file.size < far + 2 * ID) throw new Error('the index of a pack ends too early')

  const idsFrom = (place: number, many: number): Promise<Buffer> => file.read(INDEX_HEAD + place * ID, Math.min(many, count - place) * ID)
  /** Where all ids are that do not come before this one, as near as makes no difference. */
  const nearTo = async (id: Buffer): Promise<number> => {
    const first = id[0] ?? 0
    let low = first === 0 ? 0 : head.readUInt32BE(FANOUT + (first - 1) * 4)
    let high = Math.min(head.readUInt32BE(FANOUT + first * 4), count)
    while (high - low > TOGETHER) {
      const middle = (low + high) >>> 1
      if ((await idsFrom(middle, 1)).compare(id) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  const offsetAt = async (place: number): Promise<number> => {
    const offset = (await file.read(offsets + place * 4, 4)).readUInt32BE()
    return offset < FAR ? offset : Number((await file.read(far + (offset - FAR) * 8, 8)).readBigUInt64BE())
  }

  return {
    async offsetOf(text) {
      const id = Buffer.from(text, 'hex')
      const start = await nearTo(id)
      const ids = await idsFrom(start, TOGETHER + 1)
      const place = firstFrom(ids, id)
      return ids.subarray(place * ID, (place + 1) * ID).equals(id) ? offsetAt(start + place) : undefined
    },
    async startingWith(digits) {
      const least = Buffer.from(digits.padEnd(2 * ID, '0'), 'hex')
      const found: string[] = []
      for (let start = await nearTo(least); start < count; start += TOGETHER) {
        const ids = await idsFrom(start, TOGETHER)
        for (let at = firstFrom(ids, least) * ID; at < ids.length; at += ID) {
          const id = ids.toString('hex', at, at + ID)
          if (!id.startsWith(digits)) return found
          found.push(id)
        }
      }
      return found
    },
  }
}

/** The place of the first of these ids that does not come before this one. */
function firstFrom(ids: Buffer, id: Buffer): number {
  let low = 0
  let high = ids.length / ID
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids.compare(id, 0, ID, middle * ID, (middle + 1) * ID) < 0) low = middle + 1
    else high = middle
  }
  return low
}
