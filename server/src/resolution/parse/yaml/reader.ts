import type { Place } from '../document.js'
import { type ParseContext, unreadable } from '../document.js'

/** A text with the place that was reached. Columns count code points, as SnakeYAML counts; both count from 0. */
export interface Reader {
  readonly context: ParseContext
  readonly text: string
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
  for (let index = 0; index < taken.length; index += 1) {
    const code = taken.charCodeAt(index)
    if (code < 0xdc00 || code > 0xdfff) reader.column += 1
  }
  reader.position += length
  return taken
}

export function takeWhile(reader: Reader, wanted: (character: string) => boolean): string {
  let length = 0
  while (reader.position + length < reader.text.length && wanted(peek(reader, length))) length += 1
  return take(reader, length)
}

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
