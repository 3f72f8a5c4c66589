import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { ProcessMark } from './this-process.js'

/** The file by which a folder is claimed, and what it says while it is ours. */
export interface Claim {
  readonly path: string
  readonly text: string
}

/** A claim as it was found. */
export interface Held {
  readonly text: string
  /** Absent where the file is not whole. */
  readonly mark: ProcessMark | undefined
  readonly since: string
  readonly touched: number
}

/** False where there is one already. */
export async function create({ path, text }: Claim): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** `undefined` where nobody claims the folder. */
export async function readHeld(path: string): Promise<Held | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    return { text, touched: (await stat(path)).mtimeMs, ...parseMark(text) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parseMark(text: string): Pick<Held, 'mark' | 'since'> {
  try {
    const { pid, host, place, started, since } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof pid !== 'number' || typeof host !== 'string') return { mark: undefined, since: '' }
    const more = { ...(typeof place === 'string' ? { place } : {}), ...(typeof started === 'string' ? { started } : {}) }
    return { mark: { pid, host, ...more }, since: String(since) }
  } catch {
    return { mark: undefined, since: '' }
  }
}

/** Takes away the claim that was read; false where it is another one by now, which stays. */
export async function removeStale(path: string, text: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  const isIt = (await readFile(aside, 'utf8')) === text
  if (isIt) await rm(aside, { force: true })
  else await rename(aside, path)
  return isIt
}
