import { schemeOf } from './address.js'
import { openClonedTree } from './cloned.js'
import { chooseEngine } from './engines.js'
import type { GitTree, GitTreeOptions } from './git-tree.js'
import { openLocalTree } from './local.js'

export { type Elsewhere, tellElsewhere } from './elsewhere.js'
export type { GitTree, GitTreeOptions, Look } from './git-tree.js'
export { createRepository } from './isomorphic/create.js'
export type { FoundRepository } from './repository.js'
export { findRepository } from './repository.js'

/** Opens a repository and returns at once; a clone begins in the background. Throws `invalid-settings` for a URL that the engine does not speak. */
export function openGitTree(options: GitTreeOptions): GitTree {
  const scheme = schemeOf(options.uri) ?? 'file'
  const engine = chooseEngine(options.engine ?? 'auto', scheme)
  return scheme === 'file' ? openLocalTree(options, engine) : openClonedTree(options, engine)
}
