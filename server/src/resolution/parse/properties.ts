import type { Property } from '@carillon/environment'
import { type Budget, type ParseContext, type ParsedDocument, startBudget } from './document.js'
import { type LogicalLine, lineReader } from './properties-lines.js'
import { decodeLatin1 } from './text.js'

/**
 * Reads `.properties` as Spring Boot's OriginTrackedPropertiesLoader does: ISO-8859-1, `#---` and `!---` between documents,
 * `key[]=a,b` as a list. Documents without keys are left out. Throws `unreadable-file` and `too-large`.
 */
export function parseProperties(context: ParseContext, bytes: Uint8Array): readonly ParsedDocument[] {
  const budget = startBudget(context)
  const documents: Map<string, Property>[] = []
  let current = new Map<string, Property>()
  let lastPrefix = ''
  const next = lineReader(context, decodeLatin1(bytes))
  for (let line = next(); line !== undefined; line = next()) {
    if (line.kind === 'entry') {
      lastPrefix = ''
      addEntry({ context, budget, properties: current }, line)
    } else if (line.separator && line.prefix !== lastPrefix) {
      if (current.size > 0) documents.push(current)
      current = new Map()
    } else {
      // A comment before the first key of a document takes back the split before it.
      if (current.size === 0) current = documents.pop() ?? current
      lastPrefix = line.prefix
    }
  }
  if (current.size > 0) documents.push(current)
  return documents.map((properties) => ({ properties }))
}

/** Tells of each value where it is written, by offsets into the text. Throws as `parseProperties`. */
export function scanProperties(context: ParseContext, text: string, tell: TellValue): void {
  const target = { context, budget: startBudget(context), properties: new Map<string, Property>(), tell }
  const next = lineReader(context, text)
  for (let line = next(); line !== undefined; line = next()) if (line.kind === 'entry') addEntry(target, line)
}

type TellValue = (told: { readonly key: string; readonly property: Property; readonly start: number; readonly end: number }) => void

interface Target {
  readonly context: ParseContext
  readonly budget: Budget
  readonly properties: Map<string, Property>
  readonly tell?: TellValue
}

function addEntry(target: Target, line: LogicalLine): void {
  const { key, valueStart } = readKey(line)
  if (key.endsWith('[]')) addList(target, line, { key: key.slice(0, -2), start: valueStart })
  else addValue(target, line, { key, start: valueStart, stop: line.length })
}

/** A key ends at the first bare `=` or `:`, or where something else follows bare white space. */
function readKey(line: LogicalLine): { readonly key: string; readonly valueStart: number } {
  for (let index = 0; index < line.length; index += 1) {
    if (line.isBare(index, '=:')) return { key: trimmed(line.text(0, index)), valueStart: index + 1 }
    const afterBlank = index > 0 && line.isBare(index - 1, BLANKS)
    if (afterBlank && !line.isBare(index, BLANKS)) return { key: trimmed(line.text(0, index)), valueStart: index }
  }
  return { key: trimmed(line.text(0, line.length)), valueStart: line.length }
}

const BLANKS = ' \t\f'

/** As Java trims: everything up to and including the space, so escaped blanks and control characters too. */
function trimmed(key: string): string {
  let start = 0
  let end = key.length
  while (start < end && key.charCodeAt(start) <= 0x20) start += 1
  while (end > start && key.charCodeAt(end - 1) <= 0x20) end -= 1
  return key.slice(start, end)
}

function addList(target: Target, line: LogicalLine, list: { readonly key: string; readonly start: number }): void {
  let start = list.start
  for (let count = 0; count === 0 || start < line.length; count += 1) {
    const item = skipBlanks(line, start)
    let stop = item
    while (stop < line.length && !line.isBare(stop, ',')) stop += 1
    addValue(target, line, { key: `${list.key}[${count}]`, start, stop })
    start = stop + 1
  }
}

function addValue(target: Target, line: LogicalLine, entry: { readonly key: string; readonly start: number; readonly stop: number }): void {
  if (entry.key === '') return
  const start = skipBlanks(line, entry.start)
  const origin = { kind: 'file', file: target.context.file, ...line.place(start) } as const
  const property = { value: line.text(start, entry.stop), origin }
  target.budget.put(target.properties, entry.key, property)
  target.tell?.({ key: entry.key, property, start: line.offset(start), end: line.offset(entry.stop) })
}

function skipBlanks(line: LogicalLine, from: number): number {
  let index = from
  while (index < line.length && line.isBare(index, BLANKS)) index += 1
  return index
}
