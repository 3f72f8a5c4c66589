import { type Attempt, ConfigError, type ConfigErrorCode } from '../errors.js'
import type { View } from './target.js'

/** Why one server did not answer one question. */
export interface Failure {
  readonly code: FailureCode
  readonly attempt: Attempt
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** Whose configuration was asked for, and of which labels. */
export type AskedView = View & { readonly labels?: readonly string[] }

type FailureCode = Extract<ConfigErrorCode, 'unauthorized' | 'not-found' | 'bad-response' | 'timeout' | 'unreachable'>

/** From what tells most to what tells least. */
const TELLING: readonly FailureCode[] = ['unauthorized', 'not-found', 'bad-response', 'timeout', 'unreachable']

/** The failure of one attempt; what is no trouble of a server is thrown on. */
export function failureOf(error: unknown, { uri, status }: Omit<Attempt, 'cause'>): Failure {
  if (!(error instanceof ConfigError)) throw error
  const code = TELLING.find((known) => known === error.code)
  if (code === undefined) throw error
  return {
    code,
    attempt: { uri, ...(status === undefined ? {} : { status }), cause: error.message },
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    cause: error.cause ?? error,
  }
}

/** All that went wrong as one error, with the code that tells most. */
export function errorOf(failures: readonly Failure[], view: AskedView): ConfigError {
  const code = TELLING.find((telling) => failures.some((failure) => failure.code === telling)) ?? 'unreachable'
  const attempts = failures.map(({ attempt }) => attempt)
  const waits = failures.flatMap(({ retryAfterMs = [] }) => retryAfterMs)
  const [deciding] = failures.filter((failure) => failure.code === code)
  return new ConfigError(code, `${headline(code, view)}${listing(attempts)}`, {
    attempts,
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
    ...(code === 'unauthorized' ? { hint: 'Credentials are given by `auth`, or as user:password@ in the uri.' } : {}),
    cause: deciding?.cause,
  })
}

function headline(code: FailureCode, { names, profiles, labels = [] }: AskedView): string {
  const what = [names, profiles, ...(labels.length > 0 ? [labels] : [])].map((texts) => texts.join(',')).join('/')
  switch (code) {
    case 'unauthorized':
      return `The configuration of ${what} is not given to this client`
    case 'not-found':
      return `No server has the configuration of ${what}`
    case 'bad-response':
      return `The configuration of ${what} could not be read`
    case 'timeout':
    case 'unreachable':
      return `No server answered when asked for the configuration of ${what}`
    default:
      return code satisfies never
  }
}

/** One attempt stands behind a colon, several below each other. */
export function listing(attempts: readonly Attempt[]): string {
  const lines = attempts.map(({ uri, status, cause }) => `${uri}: ${status === undefined ? '' : `${status}: `}${cause}`)
  return lines.length === 1 ? `: ${lines[0]}` : `:${lines.map((line) => `\n  ${line}`).join('')}`
}
