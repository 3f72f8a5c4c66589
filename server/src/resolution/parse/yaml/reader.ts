import type { Place } from '../document.js'
import { type ParseContext, unreadable } from '../document.js'

/** A text with the place that was reached. Columns count code points, as SnakeYAML counts; both count from 0. */
export interface Reader {
  readonly context: ParseContext
  readonly text: string
  /** Whether characters of two code units are in it. */
  readonly isAstral: boolean
  position: number
  line: number
  column: number
}

/** The character so many places ahead; NUL behind the end, which no text holds. */
export function peek(reader: Reader, ahead = 0): string {
  return reader.text[reader.position + ahead] ?? END
}

export const END = '\0'

/** YAML 1.1 has three line breaks that YAML 1.2 does not have. */
export function isBreak(character: string): boolean {
  return character === '\n' || character === '\r' || character === '\x85' || character === '\u2028' || character === '\u2029'
}

export function isBreakOrEnd(character: string): boolean {
  return character === END || isBreak(character)
}

/** Blank, line break, or the end: what separates tokens. */
export function isGap(character: string): boolean {
  return character === ' ' || character === '\t' || isBreakOrEnd(character)
}

/** Goes over characters of one line, and returns them. */
export function take(reader: Reader, length: number): string {
  const taken = reader.text.slice(reader.position, reader.position + length)
  reader.column += taken.length
  if (reader.isAstral) for (const character of taken) reader.column -= character.length - 1
  reader.position += length
  return taken
}

/** Goes over what a sticky pattern finds here, all of it on one line, and returns it. (A pattern takes a fraction of the time of a loop over characters.) */
export function takeMatch(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.position
  return pattern.test(reader.text) ? take(reader, pattern.lastIndex - reader.position) : ''
}

/** In a class of a pattern: what `isGap` takes, NUL for the end; and what means something inside brackets. */
export const GAPS = String.raw`\0 \t\n\r\x85\u2028\u2029`
export const IN_BRACKETS = String.raw`,[\]{}`

/** A sticky pattern of characters that are none of these. */
export function anyBut(characters: string): RegExp {
  return new RegExp(`[^${characters}]+`, 'y')
}

export const SPACES = / +/y
export const BLANKS = /[ \t]+/y
export const REST_OF_LINE = /[^\0\n\r\x85\u2028\u2029]+/y

/** Goes over one line break, and returns what it means in a scalar: `\n`, a separator as it is, or nothing where none stands. */
export function takeBreak(reader: Reader): string {
  const character = peek(reader)
  if (!isBreak(character)) return ''
  reader.position += character === '\r' && peek(reader, 1) === '\n' ? 2 : 1
  reader.line += 1
  reader.column = 0
  return character === '\u2028' || character === '\u2029' ? character : '\n'
}

/** Whether `---` or `...` begins this line and something else may follow. */
export function atDocumentMarker(reader: Reader, marker?: '---' | '...'): boolean {
  if (reader.column !== 0 || !isGap(peek(reader, 3))) return false
  const next = reader.text.slice(reader.position, reader.position + 3)
  return marker === undefined ? next === '---' || next === '...' : next === marker
}

export function placeOf(reader: Reader): Place {
  return { line: reader.line + 1, column: reader.column + 1 }
}

/** The error of a text that is not YAML. */
export function malformed(reader: Pick<Reader, 'context'>, expected: string, place: Place): Error {
  return unreadable({ file: reader.context.file, expected }, place)
}
