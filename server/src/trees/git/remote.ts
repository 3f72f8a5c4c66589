/** What a remote has: branches and tags by full name, and the branch that its HEAD names (an id where HEAD is detached). */
export interface Advertisement {
  readonly refs: ReadonlyMap<string, string>
  readonly head: string | undefined
}

export interface Download {
  readonly gitdir: string
  /** Ids that the remote advertised and the clone lacks. */
  readonly wants: readonly string[]
  /** The tips that the clone has. */
  readonly haves: readonly string[]
}

/** The network side of a clone: lists refs, downloads packs, touches no refs. All errors are plain and name no credentials. */
export interface Remote {
  /** What the remote has, in one question. */
  list(signal: AbortSignal): Promise<Advertisement>
  /** Brings what `list` told of last into the object database; it appears there whole, or not at all. */
  download(download: Download, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** What is asked for: refs of these kinds alone are kept. */
export function isBranchOrTag(name: string): boolean {
  return /^refs\/(heads|tags)\//.test(name) && !name.endsWith('^{}')
}
