import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RefsPlace } from './refs.js'

/** What the refs and packs of a Git directory looked like; two equal texts mean that nothing moved in between. */
export interface Stamp {
  readonly refs: string
  readonly packs: string
  /** The folders that hold refs, for listening. */
  readonly folders: readonly string[]
}

/** Times on disk are coarser than a fast writer: what changed this recently (ms) may change again without showing. */
const RACY = 100
const MOST_FILES = 2000

/** Looks at names, times and sizes only; nothing is read. Throws `ENOENT` where there is no Git directory. */
export async function takeStamp({ gitdir, commonDir }: RefsPlace): Promise<Stamp> {
  const now = Date.now()
  const tables = join(commonDir, 'reftable')
  const folders = [...new Set([gitdir, commonDir, tables])]
  const parts = [describe(await stat(join(gitdir, 'HEAD'), { bigint: true }), now)]
  for (const name of ['packed-refs', 'reftable/tables.list']) parts.push(await describeAt(join(commonDir, name), now))
  const waiting = [join(commonDir, 'refs')]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    parts.push(await describeAt(folder, now))
    folders.push(folder)
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      // A writer such as Git replaces files, which shows in the folder; others write in place.
      else if (parts.length < MOST_FILES) parts.push(`${path} ${await describeAt(path, now)}`)
    }
  }
  return { refs: parts.join('\n'), packs: await describeAt(join(commonDir, 'objects/pack'), now), folders }
}

async function describeAt(path: string, now: number): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? '-' : describe(found, now)
}

function describe({ ino, size, mtimeNs, mtimeMs }: BigIntStats, now: number): string {
  const recent = Math.abs(now - Number(mtimeMs)) < RACY ? ` seen at ${now}` : ''
  return `${ino} ${size} ${mtimeNs}${recent}`
}
