import { ServerError } from '../../errors.js'

/** What a remote has: branches and tags by full name, and the branch that its HEAD names (an id where HEAD is detached). */
export interface Advertisement {
  readonly refs: ReadonlyMap<string, string>
  readonly head: string | undefined
  /** Digits of its ids; 40 where it has none to show. */
  readonly idLength: 40 | 64
}

export interface Download {
  readonly gitdir: string
  /** Ids that the remote advertised and the clone lacks. */
  readonly wants: readonly string[]
  /** The tips that the clone has. */
  readonly haves: readonly string[]
  /** Told how many bytes of it have come; what it throws ends the download. */
  readonly onBytes: (bytes: number) => void
}

/** The network side of a clone: lists refs, downloads packs, touches no refs. All errors are plain or `refused`, and name no credentials. */
export interface Remote {
  /** What the remote has, in one question. */
  list(signal: AbortSignal): Promise<Advertisement>
  /** Brings what `list` told of last into the object database; it appears there whole, or not at all. */
  download(download: Download, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The error of a remote that will go on saying no until somebody changes the address, the credentials or what is installed here. */
export function refused(message: string): ServerError {
  return new ServerError('repository-refused', message)
}

export function isRefusal(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'repository-refused'
}

/** What is asked for: refs of these kinds alone are kept. */
export function isBranchOrTag(name: string): boolean {
  return /^refs\/(heads|tags)\//.test(name) && !name.endsWith('^{}')
}

export interface SeenHead {
  readonly refs: ReadonlyMap<string, string>
  /** What the remote says that HEAD names; servers of old do not say. */
  readonly link: string | undefined
  readonly id: string | undefined
}

/** What HEAD names: a branch that is there, an id where it is detached, nothing where its branch is not born. */
export function findHead({ refs, link, id }: SeenHead): string | undefined {
  if (link !== undefined) return refs.has(link) ? link : undefined
  // The branch with the commit of HEAD, as `git clone` guesses.
  return [...refs].find(([name, value]) => value === id && name.startsWith('refs/heads/'))?.[0] ?? id
}
