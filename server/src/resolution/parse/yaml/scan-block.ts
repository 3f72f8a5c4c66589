import {
  END,
  isBreak,
  isBreakOrEnd,
  malformed,
  peek,
  placeOf,
  REST_OF_LINE,
  type Reader,
  SPACES,
  take,
  takeBreak,
  takeMatch,
} from './reader.js'

interface BlockHeader {
  readonly chomping: '' | '+' | '-'
  readonly increment: number
}

/** A scalar behind `|` or `>`: the lines that are indented more than the collection around it (`outer`, -1 for none). */
export function scanBlock(reader: Reader, outer: number): string {
  const isFolded = take(reader, 1) === '>'
  const { chomping, increment } = takeHeader(reader)
  const least = Math.max(outer + 1, 1)
  const leading = increment === 0 ? takeIndentation(reader) : undefined
  const indent = leading === undefined ? least + increment - 1 : Math.max(least, leading.widest)
  const { lines, trailing } = takeLines(reader, indent, leading?.breaks ?? '')
  const chunks = lines.flatMap((line, index) => [
    isFolded ? foldedBreak(lines[index - 1], line) : (lines[index - 1]?.lineBreak ?? ''),
    line.breaks,
    line.text,
  ])
  const text = chunks.join('')
  if (chomping === '-') return text
  return text + (lines.at(-1)?.lineBreak ?? '') + (chomping === '+' ? trailing : '')
}

interface Line {
  /** The empty lines before it. */
  readonly breaks: string
  readonly text: string
  readonly lineBreak: string
}

function takeLines(reader: Reader, indent: number, leading: string): { readonly lines: readonly Line[]; readonly trailing: string } {
  const lines: Line[] = []
  let breaks = leading + takeBlockBreaks(reader, indent)
  while (reader.column === indent && peek(reader) !== END) {
    const text = takeMatch(reader, REST_OF_LINE)
    lines.push({ breaks, text, lineBreak: takeBreak(reader) })
    breaks = takeBlockBreaks(reader, indent)
  }
  return { lines, trailing: breaks }
}

/** A line that is indented further is not folded into its neighbours. */
function foldedBreak(before: Line | undefined, line: Line): string {
  if (before === undefined) return ''
  const keeps = before.lineBreak !== '\n' || /^[ \t]/.test(before.text) || /^[ \t]/.test(line.text)
  if (keeps) return before.lineBreak
  return line.breaks === '' ? ' ' : ''
}

function takeHeader(reader: Reader): BlockHeader {
  const place = placeOf(reader)
  const header = takeMatch(reader, /[-+0-9]+/y)
  const match = /^(?:([-+]?)([1-9]?)|([1-9])([-+]))$/.exec(header)
  takeMatch(reader, SPACES)
  if (peek(reader) === '#') takeMatch(reader, REST_OF_LINE)
  if (match === null || !isBreakOrEnd(peek(reader)))
    throw malformed(
      reader,
      'expected nothing behind | or > but + or -, a digit and a comment, or quotes around a text that begins with it',
      place,
    )
  takeBreak(reader)
  return { chomping: (match[1] || match[4] || '') as BlockHeader['chomping'], increment: Number(match[2] || match[3] || 0) }
}

function takeIndentation(reader: Reader): { readonly breaks: string; readonly widest: number } {
  const breaks: string[] = []
  let widest = 0
  for (let next = peek(reader); next === ' ' || isBreak(next); next = peek(reader)) {
    if (next === ' ') takeMatch(reader, SPACES)
    else breaks.push(takeBreak(reader))
    widest = Math.max(widest, reader.column)
  }
  return { breaks: breaks.join(''), widest }
}

function takeBlockBreaks(reader: Reader, indent: number): string {
  const breaks: string[] = []
  takeIndent(reader, indent)
  for (let next = takeBreak(reader); next !== ''; next = takeBreak(reader)) {
    breaks.push(next)
    takeIndent(reader, indent)
  }
  return breaks.join('')
}

function takeIndent(reader: Reader, indent: number): void {
  while (reader.column < indent && peek(reader) === ' ') take(reader, 1)
}
