/** Why the server could not do what was asked. The HTTP status of each code is one table in `http/`. */
export type ServerErrorCode =
  | 'invalid-request' // the URL, a header or a parameter says something that cannot be meant
  | 'invalid-key' // a flat key that has no place in a nested document
  | 'circular-placeholder'
  | 'not-found' // no such file, route or (where empty answers are off) application
  | 'no-such-label'
  | 'no-such-repository' // a remote repository that was never reached
  | 'repository-refused' // the same, and somebody has to change something before it is: the address, the credentials, what is installed here
  | 'not-ready' // a first clone is still running, a damaged one is made anew, or git cannot run for the moment
  | 'lagging' // the client was told of a commit that this replica does not have yet
  | 'method-not-allowed'
  | 'unsupported-type' // a body of a type that is not understood
  | 'bus-away' // the broker does not take an event now
  | 'not-acceptable'
  | 'unauthorized'
  | 'unreadable-file' // a file that applies cannot be parsed
  | 'undecipherable' // a plain-text file has a cipher value that cannot be decrypted
  | 'illegal-property' // a file that applies uses a property where it may not stand
  | 'too-large' // a limit of size, depth or number
  | 'snapshot-gone' // what was listed is not there any more: ask for a new snapshot
  | 'repository-failed' // a local repository that is missing, damaged, or of a kind that is not supported
  | 'invalid-settings'
  | 'internal'

/** Where in a repository the trouble is; line and column count from 1. */
export interface ErrorPlace {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly commit?: string
  /** Who made that commit. */
  readonly author?: string
  /** When the commit was made, as ISO 8601 has it. */
  readonly authored?: string
}

/** The one error class of the server: a code from a closed list, where it happened, and what caused it. */
export class ServerError extends Error {
  readonly code: ServerErrorCode
  readonly place: ErrorPlace

  constructor(code: ServerErrorCode, message: string, { cause, ...place }: ErrorPlace & { readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ServerError'
    this.code = code
    this.place = place
  }
}
