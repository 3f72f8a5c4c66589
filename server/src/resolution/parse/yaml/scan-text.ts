import type { Place } from '../document.js'
import {
  anyBut,
  atDocumentMarker,
  BLANKS,
  END,
  GAPS,
  IN_BRACKETS,
  isBreak,
  isGap,
  malformed,
  peek,
  placeOf,
  type Reader,
  SPACES,
  take,
  takeBreak,
  takeMatch,
} from './reader.js'

/** Where a scalar stands in the block structure: the column of the collection around it (-1 for none), and whether brackets are open. */
export interface Surroundings {
  readonly indent: number
  readonly inFlow: boolean
}

export interface PlainText {
  readonly text: string
  readonly end: Place
  /** Whether it went over the end of a line. */
  readonly multiline: boolean
}

/** A scalar without quotes. Blanks and comments behind it are not part of it. */
export function scanPlain(reader: Reader, around: Surroundings): PlainText {
  const chunks: string[] = []
  const { line } = reader
  let end = placeOf(reader)
  let spaces = ''
  while (peek(reader) !== '#') {
    const chunk = takeMatch(reader, around.inFlow ? FLOW_PLAIN : PLAIN)
    if (chunk === '') break
    chunks.push(spaces, chunk)
    end = placeOf(reader)
    spaces = takePlainSpaces(reader)
    if (spaces === '' || (!around.inFlow && reader.column <= around.indent)) break
  }
  return { text: chunks.join(''), end, multiline: reader.line > line }
}

/** Up to a blank, a line break, or a `:` before one of these; inside brackets up to what means something there, too. */
const PLAIN = plainBut(GAPS)
const FLOW_PLAIN = plainBut(GAPS + IN_BRACKETS)

function plainBut(ends: string): RegExp {
  return new RegExp(`(?:[^${ends}:]+|:(?=[^${ends}]))+`, 'y')
}

/** What blanks and line breaks inside a plain scalar mean; nothing where the scalar ends. */
function takePlainSpaces(reader: Reader): string {
  const blanks = takeMatch(reader, BLANKS)
  const first = takeBreak(reader)
  if (first === '') return blanks
  const others: string[] = []
  for (;;) {
    if (atDocumentMarker(reader)) return ''
    takeMatch(reader, SPACES)
    const next = takeBreak(reader)
    if (next === '') return folded(first, others.join(''))
    others.push(next)
  }
}

/** One line break is a space, more are one less than they are; the separators of Unicode stay. */
function folded(first: string, others: string): string {
  if (first !== '\n') return first + others
  return others === '' ? ' ' : others
}

/** A scalar in quotes. Its lines may stand anywhere, but not look like the end of the document. */
export function scanQuoted(reader: Reader, quote: '"' | "'"): string {
  const start = placeOf(reader)
  const chunks: string[] = []
  const plain = IN_QUOTES[quote]
  take(reader, 1)
  for (;;) {
    chunks.push(takeMatch(reader, plain))
    const character = peek(reader)
    if (character === END) throw malformed(reader, `expected a closing ${quote}, got the end of the file`, start)
    if (isGap(character)) chunks.push(takeQuotedSpaces(reader))
    else if (character === '\\') chunks.push(quote === '"' ? takeEscape(reader) : take(reader, 1))
    else if (quote === "'" && peek(reader, 1) === quote) chunks.push(take(reader, 2).slice(1))
    else break
  }
  take(reader, 1)
  return chunks.join('')
}

const IN_QUOTES = {
  '"': anyBut(`${GAPS}"\\\\`),
  "'": anyBut(`${GAPS}'\\\\`),
}

function takeQuotedSpaces(reader: Reader): string {
  const blanks = takeMatch(reader, BLANKS)
  const first = takeBreak(reader)
  return first === '' ? blanks : folded(first, takeQuotedBreaks(reader))
}

function takeQuotedBreaks(reader: Reader): string {
  const breaks: string[] = []
  for (;;) {
    if (atDocumentMarker(reader))
      throw malformed(reader, 'expected a closing quote before the end of the document (--- or ...)', placeOf(reader))
    takeMatch(reader, BLANKS)
    const next = takeBreak(reader)
    if (next === '') return breaks.join('')
    breaks.push(next)
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...[...'0abtnvfre'].map((letter, index) => [letter, '\0\x07\b\t\n\v\f\r\x1b'[index] ?? ''] as const),
  ...[...' "/\\'].map((self) => [self, self] as const),
  ['\t', '\t'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

function takeEscape(reader: Reader): string {
  const place = placeOf(reader)
  take(reader, 1)
  const letter = peek(reader)
  const replacement = ESCAPES.get(letter)
  const hexLength = HEX_LENGTHS.get(letter)
  if (isBreak(letter)) {
    takeBreak(reader)
    return takeQuotedBreaks(reader)
  }
  take(reader, 1)
  if (replacement !== undefined) return replacement
  const digits = take(reader, hexLength ?? 0)
  const code = Number.parseInt(digits, 16)
  if (digits.length === hexLength && /^[0-9a-fA-F]+$/.test(digits) && code <= 0x10ffff) return String.fromCodePoint(code)
  throw malformed(reader, 'expected an escape that YAML knows, such as \\n, \\x41 or \\u0041 (a backslash itself is \\\\)', place)
}
