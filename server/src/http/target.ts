import { ServerError } from '../errors.js'

/** A request target, decoded and checked once. */
export interface Target {
  /** The path as it was sent, for messages. */
  readonly path: string
  /** Decoded segments without matrix parameters; empty ones are kept. A `/` inside one was sent as `%2F`. */
  readonly segments: readonly string[]
  /** The first value of each query parameter. */
  readonly query: ReadonlyMap<string, string>
}

/** Characters that must be sent encoded. Node's parser lets them through, Tomcat does not. */
const UNENCODED = /[^\x21-\x7e]|["<>[\\\]^`{|}]/

/**
 * Takes a request target apart as Tomcat does before Spring sees it: matrix parameters go, escapes are decoded, `.` and `..` are resolved.
 * Throws `invalid-request` for what Tomcat refuses: raw special characters, `%00`, `%5C`, broken escapes, a `..` that leaves the root.
 */
export function parseTarget(raw: string): Target {
  const relative = raw.startsWith('/') ? raw : raw.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  const mark = relative.indexOf('?')
  const path = mark === -1 ? relative : relative.slice(0, mark)
  if (!path.startsWith('/')) throw refuse(`The request target '${shorten(raw)}' is not a path: expected it to begin with '/'.`)
  if (UNENCODED.test(path)) throw refuse('The path holds a character that must be percent-encoded.')
  const segments = resolveDots(path.slice(1).split('/').map(decodeSegment))
  return { path, segments, query: mark === -1 ? new Map() : parseQuery(relative.slice(mark + 1)) }
}

/** Spring's spelling of a boolean parameter: absent is `true`, empty is `true`. Throws `invalid-request` for other text. */
export function booleanParameter({ query }: Target, name: string): boolean {
  const text = query.get(name)?.toLowerCase()
  if (text === undefined || ['', 'true', 'on', 'yes', '1'].includes(text)) return true
  if (['false', 'off', 'no', '0'].includes(text)) return false
  throw refuse(`The parameter '${name}' is '${shorten(text)}': expected true or false.`)
}

function decodeSegment(segment: string): string {
  const end = segment.indexOf(';')
  const text = end === -1 ? segment : segment.slice(0, end)
  if (!text.includes('%')) return text
  const decoded = decode(text)
  if (decoded.includes('\0') || decoded.includes('\\')) throw refuse('The path holds an encoded NUL or backslash.')
  return decoded
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw refuse(`The path segment '${shorten(text)}' is not percent-encoded UTF-8.`)
  }
}

function resolveDots(segments: readonly string[]): readonly string[] {
  if (!segments.includes('..') && !segments.includes('.')) return segments
  const resolved: string[] = []
  for (const segment of segments) {
    if (segment === '.') continue
    if (segment !== '..') resolved.push(segment)
    else if (resolved.pop() === undefined) throw refuse("The path leaves the root with '..'.")
  }
  return resolved
}

function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (!query.has(name)) query.set(name, value)
  }
  return query
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function refuse(message: string): ServerError {
  return new ServerError('invalid-request', message)
}
