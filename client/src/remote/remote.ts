import type { Version } from '../config.js'
import type { Attempt } from '../errors.js'
import type { Leaf } from '../json.js'

/** The servers, as one: who is asked, how often, and what its answer means. Stateless but for breakers, connections and the token. */
export interface Remote {
  /**
   * Asks each server at most once for each label, until one answers. Throws ConfigError: 'unauthorized', 'not-found', 'bad-response', 'timeout' or
   * 'unreachable' (the first of these that any server gave), with all attempts, or the signal's reason. A 503 with `Retry-After` asks the next server; if
   * all fail, `retryAfterMs` of the error says when to come back.
   */
  readonly ask: (question: Question) => Promise<Reply>
  /** Idempotent. Ends connections; what is asked later throws 'closed'. */
  readonly close: () => void
}

export interface Question {
  /** The document that the client has: its server may answer that nothing changed. */
  readonly known?: Pick<RemoteDocument, 'validator' | 'version'> | undefined
  /** Commits that the answer must have (`X-Carillon-At-Least`). What is no commit id is left out. */
  readonly atLeast?: readonly string[]
  readonly signal: AbortSignal
  /** Told of each attempt that fails, and of one that the signal cuts off. */
  readonly onAttempt?: (attempt: Attempt) => void
}

export type Reply = ({ readonly kind: 'unchanged' } & Confirmed) | { readonly kind: 'document'; readonly document: RemoteDocument }

/** That what is known is what the server has. */
export type Confirmed = Pick<RemoteDocument, 'version' | 'staleAt'>

/** What a server answered, checked and parsed. */
export interface RemoteDocument {
  readonly version: Version
  readonly sources: readonly RemoteSource[]
  /** What to send as `If-None-Match` next time. */
  readonly validator?: string
  /** The body as it came, for the snapshot. */
  readonly text: string
  /** The newest commits, which the server cannot serve: the answer is from earlier ones (`X-Carillon-Stale`). */
  readonly staleAt?: string
  /** The server says that it decrypted values of it (`X-Carillon-Decrypted`); a Spring server never does. */
  readonly decrypted?: true
}

/** A property source, strongest first. */
export interface RemoteSource {
  readonly name: string
  readonly properties: ReadonlyMap<string, RemoteValue>
}

export interface RemoteValue {
  readonly value: Leaf
  /** As the server sent it: `4:11`, or a phrase. */
  readonly origin?: string
}
