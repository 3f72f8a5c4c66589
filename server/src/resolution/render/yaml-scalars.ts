/** Where a scalar begins, how far the lines after its first one are indented, and whether long lines may be folded (names may not). */
export interface ScalarPlace {
  readonly column: number
  readonly indent: number
  readonly fold: boolean
}

const WIDTH = 80

/** A single line without quotes. */
export function plainScalar(text: string, place: ScalarPlace): string {
  return place.fold ? foldSpaces(text, place, 0) : text
}

/** A single line in single quotes, inner ones doubled. */
export function singleQuoted(text: string, place: ScalarPlace): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return place.fold ? foldSpaces(quoted, place, 1) : quoted
}

/** As SnakeYAML, a line ends at the first single space beyond the width, never next to a quote; `edge` is the width of the quotes. */
function foldSpaces(text: string, { column, indent }: ScalarPlace, edge: 0 | 1): string {
  if (column + text.length <= WIDTH) return text
  let folded = ''
  let lineStart = -column
  let copied = 0
  for (const { index, 0: spaces } of text.matchAll(/ +/g)) {
    const outer = index === edge || index === text.length - 1 - edge
    if (spaces.length > 1 || index - lineStart <= WIDTH || outer) continue
    folded += `${text.slice(copied, index)}\n${' '.repeat(indent)}`
    copied = index + 1
    lineStart = copied - indent
  }
  return folded + text.slice(copied)
}

/** A block that keeps its line breaks, with the line break that ends it. The digit says where lines begin if the first does not show it. */
export function literalBlock(text: string, indent: number): string {
  const digit = /^[ \n\u0085\u2028\u2029]/.test(text) ? '2' : ''
  const lines = text.replace(/[^\n\u0085\u2028\u2029]+/g, `${' '.repeat(indent)}$&`)
  return `|${digit}${finalBreaks(text)}\n${lines}${/[\n\u0085\u2028\u2029]$/.test(text) ? '' : '\n'}`
}

function finalBreaks(text: string): string {
  if (!/[\n\u0085\u2028\u2029]$/.test(text)) return '-'
  return /(?:^|[\n\u0085\u2028\u2029])[\n\u0085\u2028\u2029]$/.test(text) ? '+' : ''
}

const ESCAPES = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0085', '\\N'],
  ['\u00a0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
])

/** A text in double quotes. Every character that is not plain ASCII is a place to fold, too: a folded line ends in a backslash. */
export function doubleQuoted(text: string, place: ScalarPlace): string {
  let quoted = '"'
  let column = place.column + 1
  let run = 0
  for (let end = 0; end <= text.length; end++) {
    const special = specialAt(text, end)
    if (special !== undefined) {
      quoted += text.slice(run, end) + special.escaped
      column += end - run + special.escaped.length
      end += special.length - 1
      run = end + 1
    }
    if (!place.fold || !mayFold(text, end, run) || column + end - run <= WIDTH) continue
    quoted += `${text.slice(run, end)}\\\n${' '.repeat(place.indent)}`
    run = Math.max(run, end)
    column = place.indent
    if (text[run] !== ' ') continue
    quoted += '\\'
    column++
  }
  return `${quoted}"`
}

function specialAt(text: string, at: number): { escaped: string; length: number } | undefined {
  const code = text.codePointAt(at)
  if (code === undefined) return { escaped: '', length: 1 }
  const character = String.fromCodePoint(code)
  const escaped = ESCAPES.get(character)
  if (escaped !== undefined) return { escaped, length: 1 }
  return code >= 0x20 && code <= 0x7e ? undefined : { escaped: character, length: character.length }
}

function mayFold(text: string, end: number, run: number): boolean {
  return end > 0 && end < text.length - 1 && (text[end] === ' ' || run >= end)
}
