import { STATUS_CODES } from 'node:http'
import { type ErrorPlace, ServerError, type ServerErrorCode } from '../errors.js'

/** The one place where a code becomes an HTTP status. */
const STATUS: Readonly<Record<ServerErrorCode, number>> = {
  'invalid-request': 400,
  'invalid-key': 400,
  'circular-placeholder': 400,
  unauthorized: 401,
  'not-found': 404,
  'no-such-label': 404,
  'no-such-repository': 404,
  'repository-refused': 404,
  'method-not-allowed': 405,
  'unsupported-type': 415,
  'bus-away': 503,
  'not-acceptable': 406,
  'unreadable-file': 500,
  undecipherable: 500,
  'illegal-property': 500,
  'too-large': 500,
  'snapshot-gone': 503,
  'repository-failed': 500,
  'not-ready': 503,
  lagging: 503,
  'invalid-settings': 500,
  internal: 500,
}

/** Spring Boot's error JSON, with what was wrong and where beside it. */
export interface Problem extends ErrorPlace {
  readonly timestamp: string
  readonly status: number
  readonly error: string
  readonly path: string
  readonly message: string
  readonly code: string
}

/** What to answer for an error. Of one that is not ours nothing but its being internal is told. */
export function problemOf(error: unknown, { path, now }: { readonly path: string; readonly now: Date }): Problem {
  const known = error instanceof ServerError ? error : new ServerError('internal', 'The server failed on this request; its log says why.')
  const status = STATUS[known.code]
  return {
    timestamp: now.toISOString(),
    status,
    error: STATUS_CODES[status] ?? 'Error',
    path,
    message: known.message,
    code: known.code,
    ...known.place,
  }
}
