import { ServerError } from '../../../errors.js'
import type { Engine } from '../engine.js'
import { keepObjects } from '../objects.js'
import type { GitPlace } from '../repository.js'
import { joinPacks } from './join.js'
import { openStore } from './objects.js'
import { presentGit } from './present.js'
import { openRefs } from './refs.js'
import { openRemote } from './remote.js'

/** Reads and reaches repositories of any kind by the `git` of the machine, in processes beside this one. */
export const system: Engine = {
  async openObjects(place) {
    await presentGit().catch((cause: unknown) => refuse(place, cause as Error))
    return keepObjects(openStore(place))
  },
  openRefs,
  openRemote,
  joinPacks,
}

/** Whether there is a `git` that can be used. */
export function hasGit(): Promise<boolean> {
  return presentGit().then(
    () => true,
    () => false,
  )
}

function refuse({ gitdir, unusual }: GitPlace, cause: Error): never {
  const why = unusual === undefined ? 'to be read by git, as carillon.git.engine says' : `${unusual}, which git alone can read`
  throw new ServerError('repository-failed', `${gitdir} is ${why}, but ${cause.message}`, { cause })
}
