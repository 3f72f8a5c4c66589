import { type ParseContext, type Place, unreadable } from './document.js'

/** A comment line, or a line of key and value with its continuations. Blank lines are entries without text. */
export type PropertiesLine = CommentLine | LogicalLine

export interface CommentLine {
  readonly kind: 'comment'
  readonly prefix: string
  /** Whether it is `#---` or `!---` from the first column, with nothing but blanks behind. */
  readonly separator: boolean
}

/** Characters after escapes and continuations are resolved; indices count those. */
export interface LogicalLine {
  readonly kind: 'entry'
  readonly length: number
  text(start: number, end: number): string
  /** Whether the character is one of `set` and was not written with a backslash. */
  isBare(index: number, set: string): boolean
  /** Where Spring says the character stands: an escape counts as one column, and behind the end is column 0 of the next line. */
  place(index: number): Place
  /** Where the character begins in the text, or where the line ends. */
  offset(index: number): number
}

/** Reads the lines of a `.properties` text one by one; `undefined` at the end. Throws `unreadable-file` for a malformed `\u`. */
export function lineReader(context: ParseContext, text: string): () => PropertiesLine | undefined {
  const cursor: Cursor = { context, text, position: 0, line: 1, column: 0 }
  return () => {
    if (cursor.position >= text.length) return undefined
    skipToText(cursor)
    return readComment(cursor) ?? readEntry(cursor)
  }
}

interface Cursor {
  readonly context: ParseContext
  readonly text: string
  position: number
  line: number
  column: number
}

/** A backslash alone joins the next line, even where that is a comment. */
function skipToText(cursor: Cursor): void {
  skipIndentation(cursor)
  while (/^\\[\n\r]/.test(cursor.text.slice(cursor.position, cursor.position + 2))) {
    cursor.position += 1
    passLineEnd(cursor)
    skipIndentation(cursor)
  }
}

function skipIndentation(cursor: Cursor): void {
  while (isBlank(cursor.text[cursor.position])) advance(cursor, 1)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\f'
}

function advance(cursor: Cursor, characters: number): void {
  cursor.position += characters
  cursor.column += 1
}

/** Steps over `\n`, `\r` or `\r\n` where one stands. */
function passLineEnd(cursor: Cursor): boolean {
  const character = cursor.text[cursor.position]
  if (character !== '\n' && character !== '\r') return false
  cursor.position += character === '\r' && cursor.text[cursor.position + 1] === '\n' ? 2 : 1
  cursor.line += 1
  cursor.column = 0
  return true
}

/** Spring Boot takes a prefix behind a backslash for a comment too (java.util.Properties does not). */
const COMMENT = /\\?([#!])([^\n\r]*)/y
const SEPARATOR_REST = /^---[ \t\f]*$/

function readComment(cursor: Cursor): CommentLine | undefined {
  COMMENT.lastIndex = cursor.position
  const match = COMMENT.exec(cursor.text)
  if (match === null) return undefined
  const [whole, prefix = '', rest = ''] = match
  const separator = cursor.column === 0 && SEPARATOR_REST.test(rest)
  cursor.position += whole.length
  passLineEnd(cursor)
  return { kind: 'comment', prefix, separator }
}

/** From here on, characters stand one behind the other on one line of the file. */
interface Run extends Place {
  readonly index: number
}

interface Characters {
  readonly all: string[]
  readonly escaped: boolean[]
  readonly offsets: number[]
  readonly runs: Run[]
}

function readEntry(cursor: Cursor): LogicalLine {
  const characters: Characters = { all: [], escaped: [], offsets: [], runs: [{ index: 0, line: cursor.line, column: cursor.column + 1 }] }
  while (cursor.position < cursor.text.length) {
    const offset = cursor.position
    if (passLineEnd(cursor)) return logicalLine(characters, { place: { line: cursor.line, column: 0 }, offset })
    readCharacter(cursor, characters)
  }
  return logicalLine(characters, { place: placeOfFileEnd(cursor), offset: cursor.text.length })
}

/** Java's LineNumberReader counts the end of a file as the end of a line, and Spring Boot counts it as a column. */
function placeOfFileEnd({ line, column }: Cursor): Place {
  return { line: column === 0 ? line : line + 1, column: column + 1 }
}

function readCharacter(cursor: Cursor, characters: Characters): void {
  const offset = cursor.position
  const character = cursor.text[offset] ?? ''
  if (character !== '\\') {
    characters.all.push(character)
    characters.escaped.push(false)
    characters.offsets.push(offset)
    advance(cursor, 1)
    return
  }
  cursor.position += 1
  if (passLineEnd(cursor)) {
    skipIndentation(cursor)
    characters.runs.push({ index: characters.all.length, line: cursor.line, column: cursor.column + 1 })
  } else if (cursor.position < cursor.text.length) {
    characters.all.push(readEscape(cursor))
    characters.escaped.push(true)
    characters.offsets.push(offset)
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
])

function readEscape(cursor: Cursor): string {
  const character = cursor.text[cursor.position] ?? ''
  if (character !== 'u') {
    advance(cursor, 1)
    return ESCAPES.get(character) ?? character
  }
  const digits = cursor.text.slice(cursor.position + 1, cursor.position + 5)
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
    const place = { line: cursor.line, column: cursor.column + 1 }
    throw unreadable(
      { file: cursor.context.file, expected: 'expected four hexadecimal digits after \\u (a backslash itself is \\\\)' },
      place,
    )
  }
  advance(cursor, 5)
  return String.fromCharCode(Number.parseInt(digits, 16))
}

interface LineEnd {
  readonly place: Place
  readonly offset: number
}

function logicalLine({ all, escaped, offsets, runs }: Characters, end: LineEnd): LogicalLine {
  return {
    kind: 'entry',
    length: all.length,
    text: (start, stop) => all.slice(start, stop).join(''),
    isBare: (index, set) => escaped[index] === false && set.includes(all[index] ?? '\0'),
    offset: (index) => offsets[index] ?? end.offset,
    place(index) {
      if (index >= all.length) return end.place
      const run = runs[lastRunUpTo(runs, index)]
      return run === undefined ? end.place : { line: run.line, column: run.column + index - run.index }
    },
  }
}

/** By halves: a list may have as many items as continuation lines. */
function lastRunUpTo(runs: readonly Run[], index: number): number {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((runs[middle]?.index ?? 0) <= index) low = middle
    else high = middle - 1
  }
  return low
}
