/** Rows under headings, in columns for eyes; no heading and no alignment as TSV for programs. */
export interface Table {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Columns as wide as their widest cell; a cell is one line. */
export function columnsText({ headings, rows }: Table): string {
  const lines = [headings, ...rows.map((row) => row.map(oneLine))]
  const widths = headings.map((_, column) => lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Values between tabs, `\t`, `\n`, `\r` and `\\` for what would break a line; no headings. */
export function tsvText({ rows }: Table): string {
  return rows.map((row) => `${row.map(oneLine).join('\t')}\n`).join('')
}

const ESCAPES = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\\', '\\\\'],
])

/** Other control characters become U+FFFD: a value must not be able to speak to a terminal. */
function oneLine(cell: string): string {
  return cell.replace(/[\t\n\r\\]/g, (sign) => ESCAPES.get(sign) ?? sign).replace(/\p{Cc}/gu, '\ufffd')
}
