import { EnvironmentError } from './errors.js'

/** A piece of a template: text, or a place to fill. */
export type Part = string | Placeholder

/** `${key:fallback}`. `text` is all that stands between the braces, present where that is plain text without a placeholder. */
export interface Placeholder {
  readonly text?: string
  readonly key: readonly Part[]
  readonly fallback?: readonly Part[]
}

interface Scan {
  readonly text: string
  /** Where each `${` begins, ascending. */
  readonly starts: readonly number[]
  /** From the `{` of a `${` to the brace that closes it; plain braces count as pairs too. */
  readonly ends: ReadonlyMap<number, number>
  readonly maxDepth: number
  depth: number
  /** The first of `starts` that is not read yet: each is looked at once, so reading is linear. */
  next: number
}

/** The parts of a text, `undefined` where it has no `${` at all. Throws `too-large` where placeholders nest deeper than `maxDepth`. */
export function parseParts(text: string, maxDepth: number): readonly Part[] | undefined {
  if (!text.includes('${')) return undefined
  return readParts({ ...findBraces(text), text, maxDepth, depth: 0, next: 0 }, 0, text.length)
}

function findBraces(text: string): Pick<Scan, 'starts' | 'ends'> {
  const starts: number[] = []
  const ends = new Map<number, number>()
  const open: number[] = []
  for (const { index, 0: brace } of text.matchAll(/[{}]/g)) {
    if (brace === '}') {
      const start = open.pop()
      if (start !== undefined) ends.set(start, index)
      continue
    }
    open.push(index)
    if (text[index - 1] === '$') starts.push(index - 1)
  }
  return { starts, ends }
}

function readParts(scan: Scan, from: number, to: number): Part[] {
  if (++scan.depth > scan.maxDepth) throw new EnvironmentError('too-large', `placeholders nest deeper than ${scan.maxDepth} levels`)
  const parts: Part[] = []
  let position = from
  for (;;) {
    const start = scan.starts[scan.next]
    if (start === undefined || start >= to) break
    scan.next++
    const end = scan.ends.get(start + 1)
    if (end === undefined) continue
    const escaped = start > from && scan.text[start - 1] === '\\'
    addText(parts, scan.text.slice(position, escaped ? start - 1 : start))
    position = escaped ? start : end + 1
    if (!escaped) parts.push(placeholder(scan, start + 2, end))
  }
  addText(parts, scan.text.slice(position, to))
  scan.depth--
  return parts
}

function addText(parts: Part[], text: string): void {
  if (text === '') return
  const last = parts.at(-1)
  if (typeof last === 'string') parts[parts.length - 1] = last + text
  else parts.push(text)
}

function placeholder(scan: Scan, from: number, to: number): Placeholder {
  const inner = scan.starts[scan.next]
  if (inner !== undefined && inner < to) return splitParts(readParts(scan, from, to))
  const text = scan.text.slice(from, to)
  const { key, fallback } = splitText(text)
  return { text, key: [key], ...(fallback === undefined ? {} : { fallback: [fallback] }) }
}

function splitParts(parts: readonly Part[]): Placeholder {
  const key: Part[] = []
  for (const [index, part] of parts.entries()) {
    if (typeof part !== 'string') {
      key.push(part)
      continue
    }
    const section = splitText(part)
    key.push(section.key)
    if (section.fallback !== undefined) return { key, fallback: [section.fallback, ...parts.slice(index + 1)] }
  }
  return { key }
}

/** Splits at the first `:`; `\:` is a colon that belongs to the key. */
function splitText(text: string): { key: string; fallback?: string } {
  let key = ''
  let position = 0
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', position)) {
    if (text[colon - 1] !== '\\') return { key: key + text.slice(position, colon), fallback: text.slice(colon + 1) }
    key += `${text.slice(position, colon - 1)}:`
    position = colon + 1
  }
  return { key: key + text.slice(position) }
}
