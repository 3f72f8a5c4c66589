import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerError } from '../../errors.js'
import type { GitEngine } from '../../settings/settings.js'
import type { RemoteOptions } from './address.js'
import type { Engine } from './engine.js'
import { isomorphic } from './isomorphic/index.js'
import type { Remote } from './remote.js'
import type { GitPlace } from './repository.js'
import { hasGit, system } from './system/index.js'

/** The engine for addresses of a scheme (`file` for paths, too). Throws `invalid-settings` where the one that is asked for does not speak it. */
export function chooseEngine(choice: GitEngine, scheme: string): Engine {
  const isSpoken = ['file', 'http', 'https'].includes(scheme)
  switch (choice) {
    case 'auto':
      return isSpoken ? automatic : system
    case 'system':
      return system
    case 'isomorphic':
      if (isSpoken) return isomorphic
      throw new ServerError(
        'invalid-settings',
        `the engine isomorphic does not speak ${scheme}: expected carillon.git.engine to be auto or system`,
      )
    default:
      return choice satisfies never
  }
}

/**
 * isomorphic-git holds whole packs in memory, so that 50,000 small files (46 MiB) take 280 MiB instead of 210: beyond this many bytes
 * of packs a `git` beside the process is the better reader.
 */
const LARGE = 32 * 1024 * 1024

/** isomorphic-git where it can and suffices, which needs no program on the machine; the system's `git` for everything else. */
const automatic: Engine = {
  async openObjects(place) {
    const isBetter = place.unusual !== undefined || ((await isLarge(place)) && (await hasGit()))
    return (isBetter ? system : isomorphic).openObjects(place)
  },
  openRefs: system.openRefs,
  openRemote: (options) => openEither(options),
}

async function isLarge({ commonDir }: GitPlace): Promise<boolean> {
  const folder = join(commonDir, 'objects/pack')
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0) > LARGE
}

/** Which ids a remote has shows when it is asked first. */
function openEither(options: RemoteOptions): Remote {
  let chosen = isomorphic.openRemote(options)
  return {
    async list(signal) {
      const advertisement = await chosen.list(signal)
      if (advertisement.idLength === 40) return advertisement
      await chosen.close()
      chosen = system.openRemote(options)
      return chosen.list(signal)
    },
    download: (download, signal) => chosen.download(download, signal),
    close: () => chosen.close(),
  }
}
