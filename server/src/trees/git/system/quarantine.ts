import { delimiter, join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import { sizeOf } from '../packs.js'
import type { Download } from '../remote.js'

/** Variables that have a `git` write objects into a folder of its own, `pack` below it, and read those of the repository beside them. */
export function quarantine(gitdir: string, folder: string): Readonly<Record<string, string>> {
  const objects = join(gitdir, 'objects')
  const quoted = objects.includes(delimiter) || objects.startsWith('"') ? `"${objects.replace(/["\\]/g, '\\$&')}"` : objects
  return { GIT_OBJECT_DIRECTORY: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted }
}

/** How often the folder is looked at (ms): a fast line brings some MiB meanwhile. */
const BETWEEN = 100

/** Runs what writes into a folder, and tells how much is there; the signal that it is given says when that was too much. */
export async function watchGrowth(
  { folder, onBytes }: { readonly folder: string; readonly onBytes: Download['onBytes'] },
  work: (tooMuch: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const ending = new AbortController()
  const tooMuch = new AbortController()
  const look = async (): Promise<void> => {
    try {
      onBytes(await sizeOf(folder))
    } catch (error) {
      tooMuch.abort(error)
    }
  }
  const looking = async (): Promise<void> => {
    for await (const _ of every(BETWEEN, undefined, { signal: ending.signal, ref: false })) await look()
  }
  const watching = looking().catch(() => undefined)
  try {
    await work(tooMuch.signal)
    await look()
    tooMuch.signal.throwIfAborted()
  } finally {
    ending.abort()
    await watching
  }
}
