import type { RemoteOptions } from './address.js'
import type { Objects } from './objects.js'
import type { PackFile } from './packs.js'
import type { Refs } from './refs.js'
import type { Remote } from './remote.js'
import type { GitPlace } from './repository.js'

/** How repositories are read and reached. What labels, commits and looks mean is the same for all engines, and lies beside this. */
export interface Engine {
  /** Opens the object database of a Git directory. Throws what says why this engine cannot read such a one. */
  openObjects(place: GitPlace): Promise<Objects>
  /** The refs of a repository that others write. */
  openRefs(place: GitPlace): Refs
  /** Opens nothing yet. */
  openRemote(options: RemoteOptions): Remote
  /** Writes one pack with all objects of several, and its index, into a folder: `pack-….pack`, `pack-….idx`. Changes nothing else. */
  joinPacks(joining: Joining, signal: AbortSignal): Promise<void>
}

export interface Joining {
  readonly gitdir: string
  readonly from: readonly PackFile[]
  readonly to: string
}
