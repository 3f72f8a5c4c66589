import { ServerError } from '../../../errors.js'
import type { Engine } from '../engine.js'
import { keepObjects } from '../objects.js'
import { openDiskRefs } from '../refs.js'
import { joinPacks } from './join.js'
import { openStore } from './objects.js'
import { openRemote } from './remote.js'

/** Reads and reaches repositories in this process; http and https alone. */
export const isomorphic: Engine = {
  async openObjects({ gitdir, unusual }) {
    if (unusual === undefined) return keepObjects(openStore(gitdir))
    throw new ServerError(
      'repository-failed',
      `${gitdir} is ${unusual}, which isomorphic-git cannot read: leave carillon.git.engine at auto`,
    )
  },
  openRefs: openDiskRefs,
  openRemote,
  joinPacks,
}
