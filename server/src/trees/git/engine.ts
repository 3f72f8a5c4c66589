import type { RemoteOptions } from './address.js'
import type { Objects } from './objects.js'
import type { Remote } from './remote.js'

/** How repositories are read and reached. What labels, commits and looks mean is the same for all engines, and lies beside this. */
export interface Engine {
  /** Opens the object database of a Git directory; throws `repository-failed` where this engine cannot read such a one. */
  openObjects(gitdir: string): Promise<Objects>
  /** Opens nothing yet. */
  openRemote(options: RemoteOptions): Remote
}
