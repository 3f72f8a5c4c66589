import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitObject, LARGEST_OBJECT, type ObjectType } from '../objects.js'
import { inflate, inflateBeginning } from './inflate.js'

/** Where the head of an object is whole, packed (bytes). */
const HEAD = 512
const NONE = new Uint8Array(0)

/** An object that is a file of its own, `undefined` where there is none; of one that is larger than `LARGEST_OBJECT` its type and size. */
export async function readLoose(gitdir: string, id: string): Promise<GitObject | undefined> {
  const file = await open(join(gitdir, 'objects', id.slice(0, 2), id.slice(2)), 'r').catch(unlessAbsent)
  if (file === undefined) return undefined
  try {
    const head = Buffer.alloc(HEAD)
    const { bytesRead } = await file.read(head, 0, HEAD, 0)
    const beginning = inflateBeginning(head.subarray(0, bytesRead))
    const [whole = '', type, size] = /^(commit|tree|blob|tag) (\d+)\0/.exec(beginning.toString('latin1', 0, 40)) ?? []
    if (whole === '') throw new Error(`the object ${id} is damaged: it does not say what it is`)
    const found = { type: type as ObjectType, size: Number(size) }
    if (found.size > LARGEST_OBJECT) return { ...found, bytes: NONE }
    const bytes = await inflate(await file.readFile(), whole.length + found.size)
    if (bytes === undefined) throw new Error(`the object ${id} ends too early`)
    return { ...found, bytes: bytes.subarray(whole.length) }
  } finally {
    await file.close()
  }
}

/** The ids of such objects that begin with these digits, two at least. */
export async function looseStartingWith(gitdir: string, digits: string): Promise<readonly string[]> {
  const folder = digits.slice(0, 2)
  const names = (await readdir(join(gitdir, 'objects', folder)).catch(unlessAbsent)) ?? []
  return names.map((name) => `${folder}${name}`).filter((id) => /^[0-9a-f]{40}$/.test(id) && id.startsWith(digits))
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
