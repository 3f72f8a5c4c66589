import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { asMomentary } from './momentary.js'
import { bytesOf, isTooLarge, type Objects } from './objects.js'
import { listPacks, packFolder } from './packs.js'
import { treeOfCommit } from './parse.js'
import { peel } from './resolve.js'

/** What can be seen of a clone at little cost. */
export interface Seen {
  readonly gitdir: string
  readonly objects: Objects
  /** By full name, `HEAD` among them. */
  readonly refs: ReadonlyMap<string, string>
}

/** What is wrong with the objects of a clone, `undefined` where nothing shows: each pack ends as its index says, each branch has its commit and root folder. */
export async function findDamage({ gitdir, objects, refs }: Seen): Promise<string | undefined> {
  for (const { name } of await listPacks(gitdir)) {
    const path = join(packFolder(gitdir), name)
    if (await endsAsIndexed(path, objects.idLength / 2).catch(mayBeWhole)) continue
    // A repack that ends in this moment takes packs away; what was in them is in another.
    if (await isThere(gitdir, name)) return `${name}.pack does not end as its index says`
  }
  for (const [name, id] of tracked(refs))
    if (!(await holds(objects, id).catch(mayBeWhole))) return `${name} names ${id}, which cannot be read`
  return undefined
}

/** What could not be looked at shows no damage. */
function mayBeWhole(error: unknown): boolean {
  return asMomentary(error) !== undefined
}

/** A pack whose bytes are not those that were written, `undefined` where there is none. Reads all of them. */
export async function findRot({ gitdir, objects }: Pick<Seen, 'gitdir' | 'objects'>): Promise<string | undefined> {
  const [algorithm, length] = objects.idLength === 64 ? (['sha256', 32] as const) : (['sha1', 20] as const)
  for (const { name, bytes } of await listPacks(gitdir)) {
    const path = join(packFolder(gitdir), `${name}.pack`)
    const hash = createHash(algorithm)
    for await (const chunk of createReadStream(path, { end: bytes - length - 1 })) hash.update(chunk as Buffer)
    if (!hash.digest().equals(await lastOf(path, length))) return `${name}.pack has not the checksum that it names`
  }
  return undefined
}

/** Throws where a branch has not its commit and root folder: the remote did not send them. */
export async function checkSent(objects: Objects, refs: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, id] of tracked(refs))
    if (!(await holds(objects, id))) throw new Error(`the remote did not send all of ${name.slice(PREFIX.length)} at ${id}`)
}

const PREFIX = 'refs/remotes/origin/'

function tracked(refs: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...refs].filter(([name]) => name.startsWith(PREFIX))
}

/** What is there and too large to be read counts: that fails whoever asks for it, and must not fail the clone. */
async function holds(objects: Objects, id: string): Promise<boolean> {
  try {
    const commit = await peel(objects, id)
    const found = commit === undefined ? undefined : await objects.find(commit)
    const root = found === undefined ? undefined : treeOfCommit(bytesOf(id, found))
    return root !== undefined && (await objects.tree(root)) !== undefined
  } catch (error) {
    if (isTooLarge(error)) return true
    throw error
  }
}

/** A pack that was cut off, or written over, ends otherwise. */
async function endsAsIndexed(path: string, idBytes: number): Promise<boolean> {
  const inPack = await lastOf(`${path}.pack`, idBytes)
  const inIndex = await lastOf(`${path}.idx`, 2 * idBytes)
  return inPack.equals(inIndex.subarray(0, idBytes))
}

async function isThere(gitdir: string, name: string): Promise<boolean> {
  return (await listPacks(gitdir)).some((pack) => pack.name === name)
}

async function lastOf(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, Math.max(size - length, 0))
    if (bytesRead !== length) throw new Error(`${path} ends too early`)
    return buffer
  } finally {
    await file.close()
  }
}
