import { ConfigError } from '../errors.js'
import { readText } from './body.js'
import { readDocument } from './document.js'
import type { Received } from './exchange.js'
import type { Question, Reply } from './remote.js'
import { oneLine } from './trouble.js'

/** What an answer is an answer to. */
export interface Context {
  readonly label: string
  readonly known: Question['known']
  readonly maxBytes: number
  readonly now: number
}

/** What is said for a server that says no more than 404 (spring-compat 1.9). */
const NOT_FOUND = 'not found (or, of a Spring server, its repository could not be reached)'
/** No server keeps a client away for longer (ms). */
const LONGEST_WAIT = 600_000
/** What a server says about an error in its body is shorter. */
const MAX_PROBLEM_BYTES = 65_536

/** What an answer means. Throws 'unauthorized', 'not-found', or 'bad-response' for all that is no environment (spring-compat 8.1, 8.3). */
export async function readAnswer(answer: Received, { label, known, maxBytes, now }: Context): Promise<Reply> {
  const { status, header } = answer
  const facts = factsOf(answer)
  if (status === 304 && known?.validator !== undefined) {
    answer.drop()
    const { version } = known
    const confirmed = { commit: facts.commit ?? version.commit, label, digest: facts.digest ?? version.digest }
    return { kind: 'unchanged', version: confirmed, ...(facts.staleAt === undefined ? {} : { staleAt: facts.staleAt }) }
  }
  if (status !== 200) throw await refusalOf(answer, now)
  const type = header('content-type') ?? 'of no type'
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    answer.drop()
    throw new ConfigError('bad-response', `its body is ${oneLine(type)}, expected application/json`)
  }
  return { kind: 'document', document: readDocument(await readText(answer, maxBytes), { label, ...facts }) }
}

function factsOf({ header }: Received) {
  const [commit, digest, stale] = [header('x-carillon-commit'), header('x-carillon-digest'), header('x-carillon-stale')]
  return {
    // What is no digest is as good as none.
    digest: digest !== undefined && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined,
    commit: commit === undefined ? undefined : oneLine(commit),
    validator: header('etag'),
    staleAt: stale === undefined ? undefined : oneLine(stale),
    decrypted: header('x-carillon-decrypted') === 'true',
  }
}

/** What a Carillon server says of a repository that it never reached. */
const UNREACHED: ReadonlySet<string | undefined> = new Set(['no-such-repository', 'repository-refused'])

async function refusalOf(answer: Received, now: number): Promise<ConfigError> {
  const { status, header } = answer
  if (status === 401 || status === 403) {
    answer.drop()
    return new ConfigError('unauthorized', status === 401 ? 'the credentials are missing or wrong' : 'the credentials do not suffice')
  }
  const { code, message } = await problemOf(answer)
  if (status === 404 && !UNREACHED.has(code)) return new ConfigError('not-found', message ?? NOT_FOUND)
  // Carillon's 404 for a remote that it never reached says nothing about the application: that may come at any time.
  const retryAfterMs = status === 404 ? 0 : waitOf(header('retry-after'), now)
  const cause = message ?? otherwise(status, header('location'))
  return new ConfigError('bad-response', cause, retryAfterMs === undefined ? {} : { retryAfterMs })
}

function otherwise(status: number, location: string | undefined): string {
  if (location !== undefined && status < 400) return `it refers to ${place(location)}, which is not followed: name that server in the uri`
  if (status < 400) return 'expected 200'
  return status < 500 ? 'the server refuses the question' : 'the server failed'
}

/** Where a redirect leads, without what may be secret in it. */
function place(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : 'itself once more'
}

/** What the server says about an error, where that is JSON. Carillon's own messages (`code`) hold no values; those of others are shown for a 404 only. */
async function problemOf(answer: Received): Promise<{ readonly code?: string; readonly message?: string }> {
  const text = await readText(answer, MAX_PROBLEM_BYTES).catch(() => '')
  const problem = asMembers(text)
  const code = typeof problem.code === 'string' ? problem.code : undefined
  const told = typeof problem.message === 'string' && problem.message !== '' && (code !== undefined || answer.status === 404)
  return { ...(code === undefined ? {} : { code }), ...(told ? { message: oneLine(String(problem.message)) } : {}) }
}

function asMembers(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3). */
function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), LONGEST_WAIT) : undefined
}
