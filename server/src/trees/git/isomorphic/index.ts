import { ServerError } from '../../../errors.js'
import type { Engine } from '../engine.js'
import { keepObjects } from '../objects.js'
import { findUnsupported } from '../repository.js'
import { openStore } from './objects.js'
import { openRemote } from './remote.js'

/** Reads and reaches repositories in this process; http and https alone. */
export const isomorphic: Engine = {
  async openObjects(gitdir) {
    const unsupported = await findUnsupported(gitdir)
    if (unsupported === undefined) return keepObjects(openStore(gitdir))
    throw new ServerError('repository-failed', `${gitdir} is ${unsupported}, which is not supported yet`)
  },
  openRemote,
}
