import { readFile } from 'node:fs/promises'

/** What an index file (version 2) says of its pack: ids in order, where each object begins, and the checksum that ends the pack. */
export interface PackIndex {
  readonly count: number
  /** Bytes of one id: 20, or 32 for SHA-256. */
  readonly idBytes: number
  /** All ids, one behind the other, sorted. */
  readonly ids: Buffer
  /** Where in the pack the object with this place among the ids begins. */
  readonly offset: (index: number) => number
  readonly packChecksum: Buffer
}

const MAGIC = 0xff744f63
const HEAD = 8
const FANOUT = 256 * 4
const LARGE = 0x80000000

/** Reads an index; throws where the file is no such, or has another length than it says. */
export async function readPackIndex(path: string, idLength: 40 | 64): Promise<PackIndex> {
  const bytes = await readFile(path)
  const idBytes = idLength / 2
  const isIndex = bytes.length >= HEAD + FANOUT && bytes.readUInt32BE(0) === MAGIC && bytes.readUInt32BE(4) === 2
  const count = isIndex ? bytes.readUInt32BE(HEAD + FANOUT - 4) : 0
  const ids = HEAD + FANOUT
  const offsets = ids + count * (idBytes + 4)
  const large = offsets + count * 4
  if (!isIndex || bytes.length < large + 2 * idBytes || (bytes.length - large) % 8 !== (2 * idBytes) % 8)
    throw new Error(`${path} is no index of a pack: expected version 2, whole`)
  const offset = (index: number): number => {
    const small = bytes.readUInt32BE(offsets + index * 4)
    return small < LARGE ? small : Number(bytes.readBigUInt64BE(large + (small - LARGE) * 8))
  }
  return { count, idBytes, ids: bytes.subarray(ids, ids + count * idBytes), offset, packChecksum: bytes.subarray(-2 * idBytes, -idBytes) }
}

/** Whether a pack has every object of another. */
export function covers(whole: PackIndex, part: PackIndex): boolean {
  let at = 0
  for (let index = 0; index < part.count; index += 1) {
    const id = idAt(part, index)
    while (at < whole.count && idAt(whole, at).compare(id) < 0) at += 1
    if (at === whole.count || !idAt(whole, at).equals(id)) return false
  }
  return true
}

/** The id with this place among the ids. */
export function idAt({ ids, idBytes }: PackIndex, index: number): Buffer {
  return ids.subarray(index * idBytes, (index + 1) * idBytes)
}
