import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Why there is no configuration, or no newer one. */
export type ConfigErrorCode =
  | 'bad-options' // options that cannot be meant
  | 'unreachable' // no server answered
  | 'timeout' // the whole start, or the caller's signal, ran out
  | 'unauthorized' // 401 or 403
  | 'not-found' // no server has the application, profile or label
  | 'bad-response' // an answer that is no environment, is too large, or says that the server failed
  | 'invalid' // the schema, or something that is made of the values, refuses them
  | 'undecipherable' // a {cipher} value that counts cannot be decrypted here
  | 'placeholder' // a placeholder that leads back to itself
  | 'no-such-key' // `get` of a path that has no value
  | 'bad-snapshot' // the file with the last known good configuration cannot be used or written
  | 'missing-package' // an optional library is not installed
  | 'closed'

/** One question to one server and what came of it. `uri` is without credentials. */
export interface Attempt {
  readonly uri: string
  readonly status?: number
  readonly cause: string
}

export interface ConfigErrorFacts {
  /** What to do about it. */
  readonly hint?: string
  readonly attempts?: readonly Attempt[]
  /** With 'invalid': what the schema said, in the words of its library. These may hold values: never log or send them. */
  readonly issues?: readonly StandardSchemaV1.Issue[]
  /** When a server said to come back (ms). */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The one error class of this package. Its message says what was got, what was expected and where, and holds no configuration value and no credential. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode
  readonly hint: string | undefined
  readonly attempts: readonly Attempt[]
  readonly issues!: readonly StandardSchemaV1.Issue[]
  readonly retryAfterMs: number | undefined

  constructor(code: ConfigErrorCode, message: string, { hint, attempts = [], issues = [], retryAfterMs, cause }: ConfigErrorFacts = {}) {
    super(hint === undefined ? message : `${message}\n  ${hint}`, cause === undefined ? undefined : { cause })
    this.name = 'ConfigError'
    this.code = code
    this.hint = hint
    this.attempts = attempts
    this.retryAfterMs = retryAfterMs
    // Whoever prints the error prints no values. The field is defined already, enumerable as all are.
    Object.defineProperty(this, 'issues', { value: issues, enumerable: false })
  }
}
