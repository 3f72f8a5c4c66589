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

/** Where the parts of an index lie behind its head, the ids first, in bytes from its beginning (version 2 of gitformat-pack). */
export interface IndexLayout {
  readonly count: number
  readonly offsets: number
  /** Offsets that four bytes cannot hold: one with the bit `FAR` is the place of a longer one here. */
  readonly far: number
}

const MAGIC = 0xff744f63
/** Where the fan-out begins: 256 numbers, how many ids begin with this byte or one before it. */
export const FANOUT = 8
export const INDEX_HEAD = FANOUT + 256 * 4
export const FAR = 0x80000000

/** Reads the first `INDEX_HEAD` bytes of an index; `undefined` for what is none. */
export function layoutOf(head: Buffer, idBytes: number): IndexLayout | undefined {
  if (head.length < INDEX_HEAD || head.readUInt32BE(0) !== MAGIC || head.readUInt32BE(4) !== 2) return undefined
  const count = head.readUInt32BE(INDEX_HEAD - 4)
  const offsets = INDEX_HEAD + count * (idBytes + 4)
  return { count, offsets, far: offsets + count * 4 }
}

/** Reads an index; throws where the file is no such, or has another length than it says. */
export async function readPackIndex(path: string, idLength: 40 | 64): Promise<PackIndex> {
  const bytes = await readFile(path)
  const idBytes = idLength / 2
  const layout = layoutOf(bytes, idBytes)
  if (layout === undefined || bytes.length < layout.far + 2 * idBytes || (bytes.length - layout.far) % 8 !== (2 * idBytes) % 8)
    throw new Error(`${path} is no index of a pack: expected version 2, whole`)
  const { count, offsets, far } = layout
  const offset = (index: number): number => {
    const small = bytes.readUInt32BE(offsets + index * 4)
    return small < FAR ? small : Number(bytes.readBigUInt64BE(far + (small - FAR) * 8))
  }
  return {
    count,
    idBytes,
    ids: bytes.subarray(INDEX_HEAD, INDEX_HEAD + count * idBytes),
    offset,
    packChecksum: bytes.subarray(-2 * idBytes, -idBytes),
  }
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
