import { ServerError } from '../../errors.js'
import { openClonedTree } from './cloned.js'
import type { GitTree, GitTreeOptions } from './git-tree.js'
import { isomorphic } from './isomorphic/index.js'
import { openLocalTree } from './local.js'

export type { GitTree, GitTreeOptions } from './git-tree.js'
export { createRepository } from './isomorphic/create.js'
export type { FoundRepository } from './repository.js'
export { findRepository } from './repository.js'

/** Opens a repository and returns at once; a clone begins in the background. Throws `invalid-settings` for a URL of another kind. */
export function openGitTree(options: GitTreeOptions): GitTree {
  const isScp = /^[^/:]+@[^/:]+:/.test(options.uri)
  const scheme = isScp ? 'ssh' : /^([a-z][a-z0-9+.-]+):/i.exec(options.uri)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return openClonedTree(options, isomorphic)
  if (scheme === undefined || scheme === 'file') return openLocalTree(options, isomorphic)
  throw new ServerError('invalid-settings', `a Git repository at ${scheme}: is not supported yet: expected a path, file:, http: or https:`)
}
