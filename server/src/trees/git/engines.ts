import { ServerError } from '../../errors.js'
import type { GitEngine } from '../../settings/settings.js'
import type { RemoteOptions } from './address.js'
import type { Engine } from './engine.js'
import { isomorphic } from './isomorphic/index.js'
import type { Remote } from './remote.js'
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

/** What needs no program on the machine, where that suffices; the system's `git` for everything else. */
const automatic: Engine = {
  openObjects: (place) => (place.unusual === undefined ? isomorphic : system).openObjects(place),
  openRefs: system.openRefs,
  openRemote: (options) => openEither(options),
  // Where there is a `git`, it finds deltas that were sent whole.
  joinPacks: async (joining, signal) => ((await hasGit()) ? system : isomorphic).joinPacks(joining, signal),
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
