import { decodeTrace, encodeTrace, type Trace } from './trace.js'

/** What an instance answers to a refresh: it runs the new values, had them already, refused them, or could not get them. */
export type AckOutcome = 'applied' | 'unchanged' | 'rejected' | 'failed'

/** Why an instance refused or failed: a path to a property and a code such as `type`. Never a value. */
export interface AckReason {
  readonly path: string
  readonly code: string
}

/** What is ours beside an event. It travels in message headers, so that Spring members see Spring's body alone; each part may be absent. */
export interface MessageInfo {
  /** The label that moved, or the one an instance runs. */
  readonly label?: string
  /** Snapshots, each as the server names them: the newest of the label, or those an instance runs. */
  readonly commits?: readonly string[]
  /** An event concerns only who asks with one of these profiles; without them everybody who is meant. */
  readonly profiles?: readonly string[]
  /** What a view means, by the view's name; the sender chooses the names, an ack says what the instance runs now. */
  readonly digests?: ReadonlyMap<string, string>
  readonly outcome?: AckOutcome
  readonly reason?: AckReason
  readonly trace?: Trace
}

/** Characters, entries, and bytes of a list. Together they stay far below the 128 KiB that RabbitMQ takes as headers. */
const LIMITS = { label: 512, commits: 64, profiles: 64, name: 256, list: 4096, path: 256 } as const

const CODE = /^[\w.-]{1,64}$/
const DIGEST = /^[\w:.+/=-]{1,128}$/
const OUTCOMES: readonly AckOutcome[] = ['applied', 'unchanged', 'rejected', 'failed']

/**
 * The headers for what is ours. What is too long or malformed is left out, because a message must go out: a label and
 * the commits as a whole, because half of them would say something else, digests from the end. A receiver without them looks for itself.
 */
export function encodeHeaders(info: MessageInfo): ReadonlyMap<string, string> {
  const { label, commits = [], profiles = [], digests = new Map<string, string>(), outcome, reason, trace } = info
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['carillon-label', label === undefined ? undefined : plain(label, LIMITS.label)],
    ['carillon-commits', areCommits(commits) ? whole(JSON.stringify(commits)) : undefined],
    ['carillon-profiles', areProfiles(profiles) ? whole(JSON.stringify(profiles)) : undefined],
    ['carillon-digests', listText([...digests].filter(isDigest))],
    ['carillon-outcome', outcome],
    ...reasonHeaders(reason),
    ...(trace ? encodeTrace(trace) : []),
  ]
  return new Map(parts.filter((part): part is readonly [string, string] => part[1] !== undefined))
}

/** Reads what `encodeHeaders` wrote. Anyone can send a header: what is malformed or too long counts as absent. */
export function decodeHeaders(headers: ReadonlyMap<string, string>): MessageInfo {
  const label = plain(headers.get('carillon-label') ?? '', LIMITS.label)
  const commits = listOf(headers.get('carillon-commits'))
  const profiles = listOf(headers.get('carillon-profiles'))
  const digests = listOf(headers.get('carillon-digests')).filter(isDigest)
  const outcome = OUTCOMES.find((known) => known === headers.get('carillon-outcome'))
  const reason = reasonOf(headers)
  const trace = decodeTrace(headers)
  return {
    ...(label === undefined ? {} : { label }),
    ...(areCommits(commits) ? { commits } : {}),
    ...(areProfiles(profiles) ? { profiles } : {}),
    ...(digests.length > 0 ? { digests: new Map(digests) } : {}),
    ...(outcome ? { outcome } : {}),
    ...(reason ? { reason } : {}),
    ...(trace ? { trace } : {}),
  }
}

function reasonHeaders(reason: AckReason | undefined): readonly (readonly [string, string | undefined])[] {
  if (reason === undefined || !CODE.test(reason.code)) return []
  return [
    ['carillon-reason-code', reason.code],
    ['carillon-reason-path', plain(reason.path, LIMITS.path)],
  ]
}

function reasonOf(headers: ReadonlyMap<string, string>): AckReason | undefined {
  const code = headers.get('carillon-reason-code') ?? ''
  if (!CODE.test(code)) return undefined
  return { code, path: plain(headers.get('carillon-reason-path') ?? '', LIMITS.path) ?? '' }
}

/** JSON, without the last entries where it would be too long. */
function listText(list: readonly unknown[]): string | undefined {
  const kept: string[] = []
  let length = 2
  for (const text of list.map((entry) => JSON.stringify(entry))) {
    length += Buffer.byteLength(text) + 1
    if (length > LIMITS.list) break
    kept.push(text)
  }
  return kept.length > 0 ? `[${kept.join(',')}]` : undefined
}

function listOf(text = ''): readonly unknown[] {
  // Most messages lack most lists, and an error is dear where each of many instances makes one.
  if (text === '' || text.length > LIMITS.list) return []
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function whole(text: string): string | undefined {
  return Buffer.byteLength(text) <= LIMITS.list ? text : undefined
}

function areCommits(list: readonly unknown[]): list is readonly string[] {
  return list.length > 0 && list.length <= LIMITS.commits && list.every(isName)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && plain(value, LIMITS.name) !== undefined
}

function isDigest(value: unknown): value is [string, string] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [view, digest]: unknown[] = value
  return isName(view) && typeof digest === 'string' && DIGEST.test(digest)
}

/** Text that is neither empty nor too long and has no control characters, which would forge lines in a log, nor half a character. */
function plain(text: string, limit: number): string | undefined {
  return text.length > 0 && text.length <= limit && !/[\p{Cc}\p{Cs}]/u.test(text) ? text : undefined
}

function areProfiles(list: readonly unknown[]): list is readonly string[] {
  return list.length > 0 && list.length <= LIMITS.profiles && list.every(isName)
}
