import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { faultPoint } from '../../fault-points.js'
import type { Engine } from './engine.js'
import { withIncoming } from './leftovers.js'
import { covers, readPackIndex } from './pack-contents.js'
import { listPacks, type PackFile, packFolder, placePack, removePack, settle } from './packs.js'
import { findPlace } from './repository.js'
import { rollUp } from './roll-up.js'

/**
 * Makes one pack of the small ones of a clone. The new one lies in its place, whole, with every object of the old ones, before those go; so it may end
 * anywhere. Nothing is dropped, reachable or not: whatever could be read can be read.
 */
export async function repack(gitdir: string, engine: Engine, signal: AbortSignal): Promise<void> {
  const old = rollUp(await listPacks(gitdir))
  if (old.length === 0) return
  await withIncoming(gitdir, async (to) => {
    faultPoint('repack.before-pack')
    signal.throwIfAborted()
    await engine.joinPacks({ gitdir, from: old, to }, signal)
    faultPoint('repack.after-pack')
    const made = await checked(gitdir, to, old)
    signal.throwIfAborted()
    await placePack({ from: to, gitdir, beforeIndex: () => faultPoint('repack.within-place') })
    await settle(packFolder(gitdir))
    faultPoint('repack.after-place')
    // The same objects may make the same pack.
    for (const { name } of old.filter((each) => each.name !== made))
      await removePack({ gitdir, name, afterIndex: () => faultPoint('repack.within-removal') })
    faultPoint('repack.after-removal')
  })
}

/** The name of the new pack. Throws where it lacks an object: nothing may be removed then. */
async function checked(gitdir: string, from: string, old: readonly PackFile[]): Promise<string> {
  const { idLength } = await findPlace(gitdir)
  const name = (await readdir(from)).find((each) => each.endsWith('.idx'))?.replace(/\.idx$/, '')
  if (name === undefined) throw new Error('nothing came of it')
  await settle(join(from, `${name}.pack`))
  await settle(join(from, `${name}.idx`))
  const made = await readPackIndex(join(from, `${name}.idx`), idLength)
  for (const each of old)
    if (!covers(made, await readPackIndex(join(packFolder(gitdir), `${each.name}.idx`), idLength)))
      throw new Error(`objects of ${each.name} are missing in what came of it`)
  return name
}
