import { formatDouble, type Scalar, scalarText } from '@carillon/environment'
import type { ListNode, MapNode, Node } from './nest.js'
import { doubleQuoted, literalBlock, plainScalar, type ScalarPlace, singleQuoted } from './yaml-scalars.js'
import { type YamlStyle, yamlStyle } from './yaml-style.js'

/** The page that is written; `open` is the start of a line, or behind a `- `, `? ` or `: ` where a collection may begin. */
interface Page {
  text: string
  lineStart: number
  open: boolean
}

/** Names of this length and more take a line of their own; SnakeYAML counts the tag that it does not write. */
const MAX_SIMPLE_KEY = 128

/** A map, or a list at the top level, in the style of SnakeYAML's default dumper: blocks, indented by two, folded at 80. Ends in a line break. */
export function yamlDocument(node: MapNode | ListNode): string {
  const page: Page = { text: '', lineStart: 0, open: true }
  if (node.kind === 'map') writeMap(page, node, 0)
  else writeList(page, node, 0)
  return finish(page)
}

/** A single value as a document: always a string, so that the number 12 is `'12'`. */
export function yamlText(value: Scalar): string {
  const page: Page = { text: '', lineStart: 0, open: true }
  writeString(page, typeof value === 'string' ? value : scalarYaml(value), 0)
  return finish(page)
}

function finish({ text }: Page): string {
  return /[\n\u0085\u2028\u2029]$/.test(text) ? text : `${text}\n`
}

function writeMap(page: Page, { entries }: MapNode, indent: number): void {
  if (entries.size === 0) page.text += '{}'
  for (const [name, value] of entries) {
    startLine(page, indent)
    if (isSimpleKey(name)) {
      writeName(page, name)
      page.open = false
    } else {
      page.text += '?'
      writeString(page, name, indent)
      startLine(page, indent)
    }
    page.text += ':'
    // right behind a simple key a list is not indented
    if (value.kind === 'list' && !page.open) writeList(page, value, indent)
    else writeNode(page, value, indent)
  }
}

function writeList(page: Page, { items }: ListNode, indent: number): void {
  for (const item of items) {
    startLine(page, indent)
    page.text += '-'
    writeNode(page, item, indent)
  }
}

function writeNode(page: Page, node: Node | undefined, indent: number): void {
  if (node?.kind === 'map') writeMap(page, node, indent + 2)
  else if (node?.kind === 'list') writeList(page, node, indent + 2)
  else if (typeof node?.value === 'string') writeString(page, node.value, indent)
  else if (typeof node?.value === 'object') writeBytes(page, scalarText(node.value), indent)
  else writeWord(page, node === undefined ? 'null' : scalarYaml(node.value))
}

function writeWord(page: Page, word: string): void {
  page.text += ` ${word}`
  page.open = false
}

function startLine(page: Page, indent: number): void {
  if (!page.open) {
    page.text += '\n'
    page.lineStart = page.text.length
  }
  page.text += ' '.repeat(Math.max(0, indent - (page.text.length - page.lineStart)))
  page.open = true
}

function isSimpleKey(name: string): boolean {
  // a long name is not even looked at
  if (name === '' || name.length >= MAX_SIMPLE_KEY) return false
  if (yamlStyle(name, 'key') === 'binary') return '!!binary'.length + base64(name).length < MAX_SIMPLE_KEY
  return '!!str'.length + name.length < MAX_SIMPLE_KEY && !/[\n\u0085\u2028\u2029]/.test(name)
}

function writeName(page: Page, name: string): void {
  const style = yamlStyle(name, 'key')
  page.text += style === 'binary' ? `!!binary "${base64(name)}"` : inline(name, style, { column: 0, indent: 0, fold: false })
}

function writeString(page: Page, raw: string, indent: number): void {
  // half of a surrogate pair has no place in UTF-8; SnakeYAML fails on it
  const text = raw.replace(/\p{Surrogate}/gu, '\ufffd')
  if (page.text !== '') page.text += ' '
  const style = yamlStyle(text, 'value')
  if (style === 'literal' || style === 'binary') {
    writeBlock(page, style === 'binary' ? `!!binary ${literalBlock(base64(text), indent + 2)}` : literalBlock(text, indent + 2))
    return
  }
  page.text += inline(text, style, { column: page.text.length - page.lineStart, indent: indent + 2, fold: true })
  page.open = false
}

function writeBytes(page: Page, digits: string, indent: number): void {
  writeBlock(page, ` !!binary ${literalBlock(digits, indent + 2)}`)
}

/** A block ends its line: what follows begins a new one. */
function writeBlock(page: Page, block: string): void {
  page.text += block
  page.lineStart = page.text.length
  page.open = true
}

function inline(text: string, style: YamlStyle, place: ScalarPlace): string {
  if (style === 'plain') return plainScalar(text, place)
  return style === 'single' ? singleQuoted(text, place) : doubleQuoted(text, place)
}

function base64(text: string): string {
  return scalarText(new TextEncoder().encode(text))
}

function scalarYaml(value: Scalar): string {
  if (typeof value !== 'number') return scalarText(value)
  if (Number.isNaN(value)) return '.NaN'
  return Number.isFinite(value) ? formatDouble(value) : value > 0 ? '.inf' : '-.inf'
}
