import { type GitObject, LARGEST_OBJECT, type ObjectType } from '../objects.js'
import { applyDelta, sizesOfDelta } from './delta.js'
import { heldWhole } from './held-whole.js'
import { inflate } from './inflate.js'
import { keepBytes } from './kept-bytes.js'
import { openIndex, type PackIndex } from './pack-index.js'
import { openRanges, type Ranges } from './ranges.js'

/** One pack and its index, both open. */
export interface Pack {
  readonly name: string
  readonly index: PackIndex
  /** The object that begins there; of one that is larger than `LARGEST_OBJECT` its type and size. `elsewhere` finds a base that is in another pack. */
  readonly objectAt: (offset: number, elsewhere: FindBase) => Promise<GitObject>
  readonly close: () => Promise<void>
}

export type FindBase = (id: string) => Promise<GitObject | undefined>

interface Entry {
  readonly size: number
  /** Where its packed bytes begin. */
  readonly data: number
  /** Of a delta, what it is based on: an offset in this pack or an id. */
  readonly what: ObjectType | { readonly base: number | string }
}

const TYPES: ReadonlyMap<number, ObjectType> = new Map([
  [1, 'commit'],
  [2, 'tree'],
  [3, 'blob'],
  [4, 'tag'],
])
/** Kinds of entries that are made from another object: by its place in the same pack, or by its id. */
export const OFFSET_DELTA = 6
export const ID_DELTA = 7
/** More than the head of an entry ever takes (bytes). */
const HEAD = 64
/** Git itself makes chains of 4,095 at most. */
const LONGEST_CHAIN = 10_000
const NONE = new Uint8Array(0)

/** Objects that others are made of, for all packs: versions of a file or a folder share theirs. */
const bases = keepBytes<ObjectType>(2 * 1024 * 1024)

/** `path` is without its ending. Throws where one of the two files is missing, or the index is none. */
export async function openPack(path: string): Promise<Pack> {
  const file = await openRanges(`${path}.pack`)
  const parts = await openRanges(`${path}.idx`).catch(async (error) => {
    await file.close()
    throw error
  })
  const indexFile = heldWhole(parts)
  const close = async (): Promise<void> => {
    await Promise.all([file.close(), indexFile.close()])
  }
  try {
    const index = await openIndex(indexFile)
    return { name: path, index, objectAt: (offset, elsewhere) => objectAt({ file, index, elsewhere }, offset), close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Reading {
  readonly file: Ranges
  readonly index: PackIndex
  readonly elsewhere: FindBase
}

/** What is whole, and the deltas that lead from it to the object that was asked for, which comes first. */
interface Chain {
  readonly type: ObjectType
  readonly size: number
  readonly bytes: () => Promise<Buffer>
  readonly deltas: readonly Placed[]
}

interface Placed {
  readonly offset: number
  readonly entry: Entry
}

async function objectAt(reading: Reading, start: number): Promise<GitObject> {
  const { deltas, ...whole } = await chainFrom(reading, start)
  const { type } = whole
  const [newest] = deltas
  const last = newest && (await unpack(reading.file, newest.entry))
  const size = last === undefined ? whole.size : sizesOfDelta(last).result
  if (size > LARGEST_OBJECT) return { type, size, bytes: NONE }
  let bytes = await whole.bytes()
  for (const { offset, entry } of deltas.slice(1).toReversed()) {
    bytes = applyDelta(bytes, await unpack(reading.file, entry))
    bases.put(keyOf(reading.file, offset), bytes, type)
  }
  return { type, size, bytes: last === undefined ? bytes : applyDelta(bytes, last) }
}

async function chainFrom(reading: Reading, start: number): Promise<Chain> {
  const { file, index } = reading
  const deltas: Placed[] = []
  for (let offset = start; deltas.length < LONGEST_CHAIN; ) {
    const kept = bases.get(keyOf(file, offset))
    if (kept !== undefined) return { type: kept.note, size: kept.bytes.length, bytes: async () => kept.bytes, deltas }
    const entry = await entryAt(file, offset)
    if (typeof entry.what === 'string') return { type: entry.what, size: entry.size, bytes: () => wholeAt(file, { offset, entry }), deltas }
    deltas.push({ offset, entry })
    const { base } = entry.what
    const next = typeof base === 'number' ? base : await index.offsetOf(base)
    if (next === undefined) return { ...(await baseElsewhere(reading, `${base}`)), deltas }
    offset = next
  }
  throw new Error(`the deltas of a pack lead nowhere from ${start}`)
}

async function wholeAt(file: Ranges, { offset, entry }: Placed): Promise<Buffer> {
  const bytes = await unpack(file, entry)
  if (typeof entry.what === 'string') bases.put(keyOf(file, offset), bytes, entry.what)
  return bytes
}

async function baseElsewhere({ elsewhere }: Reading, id: string): Promise<Omit<Chain, 'deltas'>> {
  const found = await elsewhere(id)
  if (found === undefined) throw new Error(`the object ${id} is missing, which others are made of`)
  return { type: found.type, size: found.size, bytes: async () => Buffer.from(found.bytes) }
}

function keyOf({ serial }: Ranges, offset: number): string {
  return `${serial} ${offset}`
}

async function entryAt(file: Ranges, offset: number): Promise<Entry> {
  const head = await file.read(offset, HEAD)
  const first = head[0] ?? 0
  let size = first & 0x0f
  let at = 1
  for (let scale = 16, byte = first; byte >= 0x80; scale *= 0x80) {
    byte = head[at++] ?? 0
    size += (byte & 0x7f) * scale
  }
  const kind = (first >> 4) & 0x07
  const type = TYPES.get(kind)
  if (type !== undefined) return { size, data: offset + at, what: type }
  if (kind === ID_DELTA) return { size, data: offset + at + 20, what: { base: head.toString('hex', at, at + 20) } }
  if (kind !== OFFSET_DELTA) throw new Error(`a pack holds what is not known, at ${offset}`)
  const [distance, end] = distanceAt(head, at)
  if (distance <= 0 || distance > offset) throw new Error(`a delta leads out of its pack, at ${offset}`)
  return { size, data: offset + end, what: { base: offset - distance } }
}

/** Seven bits a byte, the highest first; each byte more stands for one more, too, so that no number is written in two ways. */
export function distanceAt(head: Buffer, start: number): readonly [number, number] {
  let at = start
  let byte = head[at++] ?? 0
  let distance = byte & 0x7f
  while (byte >= 0x80) {
    byte = head[at++] ?? 0
    distance = (distance + 1) * 0x80 + (byte & 0x7f)
  }
  return [distance, at]
}

/** How long packed bytes are is written nowhere: they are hardly ever longer than what they hold. */
async function unpack(file: Ranges, { data, size }: Entry): Promise<Buffer> {
  for (let length = size + (size >> 8) + 64; ; length *= 2) {
    const packed = await file.read(data, length)
    const bytes = await inflate(packed, size)
    if (bytes !== undefined) return bytes
    if (packed.length < length) throw new Error(`a pack ends within an object, at ${data}`)
  }
}
