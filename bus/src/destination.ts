import { randomBytes } from 'node:crypto'
import type { BusEvent } from './event.js'

/** What makes up a bus id. */
export interface BusIdParts {
  readonly application?: string
  /** Active profiles, in order. */
  readonly profiles?: readonly string[]
  /** The port, or the number of an instance. */
  readonly index?: string | number
  /** What tells two instances apart; without it 32 random hex digits. */
  readonly instance?: string
}

/** Who a member is: its bus id, and the values of `spring.cloud.config.name`, under which it can be addressed too. */
export interface Self {
  readonly id: string
  readonly configNames?: readonly string[]
}

/**
 * The bus id `app[:profiles]:index:instance`, as Spring builds it. Two members must never share one: they would take each other's events for their own.
 */
export function busId({
  application = 'application',
  profiles = [],
  index = 8080,
  instance = randomBytes(16).toString('hex'),
}: BusIdParts = {}): string {
  return [application, ...(profiles.length > 0 ? [profiles.join(',')] : []), index, instance].join(':')
}

/**
 * The pattern that a sender puts on the wire for what somebody typed: nothing is everybody, `shop` is `shop:**`, `shop:dev` is `shop:dev:**`, more is
 * left alone. Receivers do not normalise. Unlike Spring, empty text is everybody, not the pattern `:**` that reaches nobody.
 */
export function normalizeDestination(text: string | undefined): string {
  if (text === undefined || text === '' || text === '**') return '**'
  const colons = text.split(':').length - 1
  return colons <= 1 && !text.endsWith(':**') ? `${text}:**` : text
}

/** Whether the event is meant for this member: by its bus id, or by one of its config names in the place of the application. */
export function isForSelf({ destinationService }: Pick<BusEvent, 'destinationService'>, { id, configNames = [] }: Self): boolean {
  // Spring: an absent member matches nobody, an explicit null or blank text everybody.
  if (destinationService === undefined) return false
  if (destinationService === null || destinationService.trim() === '') return true
  const colon = id.indexOf(':')
  const rest = colon < 0 ? '' : id.slice(colon)
  return [id, ...configNames.map((name) => name + rest)].some((path) => matches(destinationService, path))
}

/** Whether the event comes from this member. The origin is matched like a destination, so an origin `**` looks like self to everybody, as in Spring. */
export function isFromSelf({ originService }: Pick<BusEvent, 'originService'>, { id }: Self): boolean {
  return matches(originService, id)
}

/**
 * Spring's Ant matcher over `:`. In a segment `*` is any characters, `?` one, `{name}` any; a segment `**` is any number of segments. Empty segments are
 * ignored, but both sides must begin alike. An id with several profiles (`shop:dev,eu:8081:x`) is tried with each of them alone too.
 * Takes time proportional to the pattern times the id, which is the member's own and short; no regular expression is built from input.
 */
export function matches(pattern: string, id: string): boolean {
  return matchesPath(pattern, id) || eachProfileAlone(id).some((path) => matchesPath(pattern, path))
}

function eachProfileAlone(id: string): readonly string[] {
  const [application, profiles, ...rest] = tokens(id, ':')
  const names = profiles === undefined ? [] : tokens(profiles, ',')
  return names.length > 1 ? names.map((name) => [application, name, ...rest].join(':')) : []
}

function tokens(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((token) => token.trim())
    .filter((token) => token !== '')
}

const ANY_SEGMENTS = '**'

function matchesPath(pattern: string, path: string): boolean {
  if (pattern.startsWith(':') !== path.startsWith(':')) return false
  const wanted = pattern.split(':').filter((segment) => segment !== '')
  // The law of the end: unless the pattern's last segment is `**`, both sides must end alike.
  if (wanted.at(-1) !== ANY_SEGMENTS && pattern.endsWith(':') !== path.endsWith(':')) return false
  const segments = path.split(':').filter((segment) => segment !== '')
  return glob({ wanted, got: segments, isStar: (segment) => segment === ANY_SEGMENTS, fits: segmentMatches })
}

type Piece = { readonly any: 'one' | 'many' } | { readonly literal: string }

function segmentMatches(pattern: string, segment: string): boolean {
  if (!/[*?{]/.test(pattern)) return pattern === segment
  return glob<Piece, string>({
    wanted: piecesOf(pattern),
    got: [...segment],
    isStar: (piece) => 'any' in piece && piece.any === 'many',
    fits: (piece, character) => 'any' in piece || piece.literal === character,
  })
}

/** `{name}` is what has at least one character, none of them `/` or a brace; any other brace stands for itself. A run ends at the next brace, so this is linear. */
function piecesOf(pattern: string): readonly Piece[] {
  return Array.from(pattern.matchAll(/\*|\?|\{[^/{}]+\}|./gsu), ([text]): Piece => {
    if (text === '?') return { any: 'one' }
    return text === '*' || text.length > 2 ? { any: 'many' } : { literal: text }
  })
}

interface Globbing<Wanted, Got> {
  readonly wanted: readonly Wanted[]
  readonly got: readonly Got[]
  /** Whether this stands for any number of things. */
  readonly isStar: (wanted: Wanted) => boolean
  readonly fits: (wanted: Wanted, got: Got) => boolean
}

/**
 * Matches a list against a pattern with stars. When something does not fit, only the last star can take one thing more: giving an earlier star more
 * never helps, so there is no exponential search.
 */
function glob<Wanted, Got>({ wanted, got, isStar, fits }: Globbing<Wanted, Got>): boolean {
  let at = 0
  let star: { readonly after: number; taken: number } | undefined
  for (let index = 0; index < got.length; ) {
    const next = wanted[at]
    if (next !== undefined && isStar(next)) {
      at += 1
      star = { after: at, taken: index }
    } else if (next !== undefined && fits(next, got[index] as Got)) {
      at += 1
      index += 1
    } else if (star) {
      star.taken += 1
      index = star.taken
      at = star.after
    } else return false
  }
  return wanted.slice(at).every(isStar)
}
