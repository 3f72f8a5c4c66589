import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import type { Joining } from '../engine.js'
import { idAt, readPackIndex } from '../pack-contents.js'
import { packFolder } from '../packs.js'
import { distanceAt, ID_DELTA, OFFSET_DELTA } from './pack.js'
import { writeIndexed } from './packs.js'

/** isomorphic-git holds whole packs in memory; so does this, one at a time (bytes). */
const LARGEST = 1024 * 1024 * 1024
const CHUNK = 1024 * 1024
/** Objects that are looked at before others have their turn. */
const OBJECTS_AT_A_TIME = 2000

/**
 * Makes one pack of several without a `git`: the entries are copied as they are, compressed and with their deltas; only how far a delta's base lies behind it is
 * written anew. Nothing is unpacked but for the index, which is made from the contents and so proves them.
 */
export async function joinPacks({ gitdir, from, to }: Joining, signal: AbortSignal): Promise<void> {
  const bytes = from.reduce((sum, pack) => sum + pack.bytes, 0)
  if (bytes > LARGEST)
    throw new Error(
      `${from.length} packs with ${bytes} bytes are too large for isomorphic-git: leave carillon.git.engine at auto and install git`,
    )
  // A later fetch brings what deltas build on once more, whole: newest first, chains of them stay short.
  const names = from.toSorted((a, b) => b.since - a.since).map(({ name }) => join(packFolder(gitdir), name))
  await writeIndexed({ folder: to, gitdir, chunks: joined(names, signal) }, signal)
}

/** The bytes of the new pack. Each object comes once, behind the one that it is a delta of. */
async function* joined(names: readonly string[], signal: AbortSignal): AsyncGenerator<Buffer> {
  const hash = createHash('sha1')
  const output: Output = { places: new Map(), position: 0, waiting: 0, pieces: [] }
  push(output, await headOf(names))
  for (const name of names) {
    const pack = await openPack(name)
    let seen = 0
    for (const offset of pack.offsets) {
      copy(pack, offset, output)
      seen += 1
      if (seen % OBJECTS_AT_A_TIME === 0) await breath()
      if (output.waiting < CHUNK) continue
      signal.throwIfAborted()
      yield take(output, hash)
    }
  }
  yield take(output, hash)
  yield hash.digest()
}

interface Output {
  /** Where each object is, by its id. */
  readonly places: Map<string, number>
  /** How many bytes the pack has, with those that wait to be written. */
  position: number
  waiting: number
  pieces: Buffer[]
}

function push(output: Output, ...pieces: readonly Buffer[]): void {
  for (const { length } of pieces) {
    output.position += length
    output.waiting += length
  }
  output.pieces.push(...pieces)
}

function take(output: Output, hash: ReturnType<typeof createHash>): Buffer {
  const bytes = Buffer.concat(output.pieces)
  output.pieces = []
  output.waiting = 0
  hash.update(bytes)
  return bytes
}

/** `PACK`, version 2, and how many objects follow: all different ones. */
async function headOf(names: readonly string[]): Promise<Buffer> {
  const all = new Set<string>()
  for (const name of names) {
    const index = await readPackIndex(`${name}.idx`, 40)
    for (let at = 0; at < index.count; at += 1) all.add(keyOf(idAt(index, at)))
    await breath()
  }
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(all.size, 8)
  return head
}

/** An id as the key of a map, in as little memory as can be. */
function keyOf(id: Buffer): string {
  return id.toString('latin1')
}

interface OpenPack {
  readonly name: string
  readonly bytes: Buffer
  /** Where entries begin, in order. */
  readonly offsets: readonly number[]
  readonly ends: ReadonlyMap<number, number>
  readonly keys: ReadonlyMap<number, string>
  readonly places: ReadonlyMap<string, number>
}

async function openPack(name: string): Promise<OpenPack> {
  const index = await readPackIndex(`${name}.idx`, 40)
  const bytes = await readFile(`${name}.pack`)
  if (!bytes.subarray(-20).equals(index.packChecksum)) throw new Error(`${name}.pack is damaged: it does not end as its index says`)
  const keys = new Map<number, string>()
  const places = new Map<string, number>()
  for (let at = 0; at < index.count; at += 1) {
    const key = keyOf(idAt(index, at))
    keys.set(index.offset(at), key)
    places.set(key, index.offset(at))
  }
  const offsets = [...keys.keys()].sort((a, b) => a - b)
  const ends = new Map(offsets.map((offset, at) => [offset, offsets[at + 1] ?? bytes.length - 20]))
  return { name, bytes, offsets, ends, keys, places }
}

/** Writes the entry at a place of a pack, unless its object is there already; returns where that is. */
function copy(pack: OpenPack, offset: number, output: Output): number {
  const key = pack.keys.get(offset)
  const end = pack.ends.get(offset)
  if (key === undefined || end === undefined) throw damaged(pack, offset)
  const known = output.places.get(key)
  if (known !== undefined) return known
  const entry = readEntry(pack, offset)
  const base = entry.base === undefined ? undefined : copy(pack, entry.base, output)
  const at = output.position
  const distance = base === undefined ? [] : [formatDistance(at - base)]
  push(output, entry.head, ...distance, pack.bytes.subarray(entry.body, end))
  output.places.set(key, at)
  return at
}

interface Entry {
  /** Kind and size, as they are written. */
  readonly head: Buffer
  /** Where in the same pack the object lies that this one is a delta of. */
  readonly base: number | undefined
  /** Where the compressed bytes begin. */
  readonly body: number
}

function readEntry(pack: OpenPack, offset: number): Entry {
  const { bytes } = pack
  const kind = ((bytes[offset] ?? 0) >> 4) & 7
  let at = offset
  while ((bytes[at] ?? 0) & 0x80) at += 1
  const head = Buffer.from(bytes.subarray(offset, at + 1))
  at += 1
  if (kind === OFFSET_DELTA) {
    const [distance, end] = distanceAt(bytes, at)
    return { head, base: offset - distance, body: end }
  }
  if (kind !== ID_DELTA) return { head, base: undefined, body: at }
  const base = pack.places.get(keyOf(bytes.subarray(at, at + 20)))
  if (base === undefined) throw damaged(pack, offset)
  head[0] = ((head[0] ?? 0) & 0x8f) | (OFFSET_DELTA << 4)
  return { head, base, body: at + 20 }
}

function damaged({ name }: OpenPack, offset: number): Error {
  return new Error(`${name}.pack is damaged at ${offset}: it lacks what a delta builds on`)
}

/** As `distanceAt` reads it. */
function formatDistance(distance: number): Buffer {
  const digits = [distance & 0x7f]
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1
    digits.unshift((rest & 0x7f) | 0x80)
  }
  return Buffer.from(digits)
}
