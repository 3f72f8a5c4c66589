import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isUsed } from '../../this-process.js'
import { packFolder } from './packs.js'

/** Where packs lie until they are whole, one folder each. */
const INCOMING = 'incoming'

/** How long a file lies beside its missing half before it counts as left: who was killed may have a child that still writes (ms). */
const SETTLED = 10_000

/** A name by which others see whether its owner still runs. */
export function ownMark(): string {
  return `${process.pid}-${randomUUID()}`
}

/** Gives the work a folder for a pack that is not whole yet, and removes it when the work is done or failed. */
export async function withIncoming<Result>(gitdir: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = join(gitdir, INCOMING, ownMark())
  await mkdir(join(folder, 'pack'), { recursive: true })
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Puts back a clone that was being replaced, then removes what writers that did not finish left beside the folder; those of other running processes stay. */
export async function removeLeftoversBeside(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.new-`
  const all: readonly string[] = await readdir(dirname(folder)).catch(() => [])
  const left = all.filter((name) => name.startsWith(prefix) && !isOfOther(name.slice(prefix.length)))
  const replaced = left.find((name) => name.endsWith('.old'))
  if (replaced !== undefined && !all.includes(basename(folder))) await rename(join(dirname(folder), replaced), folder)
  for (const name of left) await rm(join(dirname(folder), name), { recursive: true, force: true })
}

/** Removes what lies in a clone and nobody finished. To be called while this process writes nothing there. */
export async function removeLeftoversIn(gitdir: string, clock: () => number = Date.now): Promise<void> {
  for (const name of ['HEAD.new', 'packed-refs.new', 'shallow.new', 'shallow.lock']) await rm(join(gitdir, name), { force: true })
  const incoming = join(gitdir, INCOMING)
  for (const name of await readdir(incoming).catch(() => []))
    if (!isOfOther(name)) await rm(join(incoming, name), { recursive: true, force: true })
  const folder = packFolder(gitdir)
  const names = new Set<string>(await readdir(folder).catch(() => []))
  for (const name of names) {
    const path = join(folder, name)
    if (isTemporary(name) || (isHalf(name, names) && (await isSettled(path, clock())))) await rm(path, { recursive: true, force: true })
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith('tmp_') || name.startsWith('.tmp-')
}

function isHalf(name: string, names: ReadonlySet<string>): boolean {
  const stem = /^(pack-[^.]+)\.[a-z]+$/.exec(name)?.[1]
  return stem !== undefined && !(names.has(`${stem}.pack`) && names.has(`${stem}.idx`))
}

/** By the time of the last rename, which nobody can set. */
async function isSettled(path: string, now: number): Promise<boolean> {
  const seen = await stat(path).catch(() => undefined)
  return seen !== undefined && now - seen.ctimeMs > SETTLED
}

function isOfOther(mark: string): boolean {
  const pid = Number.parseInt(mark, 10)
  return pid > 0 && pid !== process.pid && isUsed(pid)
}
