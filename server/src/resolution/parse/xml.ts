import type { Property } from '@carillon/environment'
import { SaxesParser } from 'saxes'
import { javaHashOrder } from '../java-order.js'
import { type ParseContext, type ParsedDocument, startBudget, unreadable } from './document.js'
import { decodeLatin1, decodeUnicode } from './text.js'

/**
 * Reads Java's XML properties: `<properties><entry key="k">v</entry></properties>`, with an optional `<comment>`. One document;
 * values have no origin. No entity but XML's own five is known. Throws `unreadable-file` and `too-large`.
 */
export function parseXml(context: ParseContext, bytes: Uint8Array): readonly ParsedDocument[] {
  const budget = startBudget(context)
  const properties = new Map<string, Property>()
  const reader = entryReader((key, value) => budget.put(properties, key, { value }))
  const parser = new SaxesParser()
  const fail = (expected: string): never => {
    throw unreadable({ file: context.file, expected }, { line: parser.line, column: parser.column + 1 })
  }
  parser.on('error', (error) => fail(`expected well-formed XML, got ${error.message.replace(/^[\d:\s]+/, '')}`))
  parser.on('opentag', (tag) => check(reader.open(tag.name, tag.attributes.key), fail))
  parser.on('text', (text) => check(reader.text(text), fail))
  parser.on('cdata', (text) => check(reader.text(text), fail))
  parser.on('closetag', (tag) => reader.close(tag.name))
  parser.write(decode(context, bytes)).close()
  const ordered = javaHashOrder([...properties.keys()], TABLE)
  return [{ properties: new Map(ordered.map((key) => [key, properties.get(key) ?? { value: '' }])) }]
}

/** Spring loads these files into a java.util.Properties: its table begins with this many places, and its order is the order of the keys. */
const TABLE = 16

function check(expected: string | undefined, fail: (expected: string) => never): void {
  if (expected !== undefined) fail(expected)
}

function decode(context: ParseContext, bytes: Uint8Array): string {
  const head = decodeLatin1(bytes.subarray(0, 200))
  const declared = /^<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1]?.toLowerCase()
  return declared === 'iso-8859-1' || declared === 'us-ascii' ? decodeLatin1(bytes) : decodeUnicode(context, bytes)
}

/** Follows the elements; what it returns is what it expected where something else came. */
interface EntryReader {
  open(name: string, key: string | undefined): string | undefined
  text(text: string): string | undefined
  close(name: string): void
}

function entryReader(found: (key: string, value: string) => void): EntryReader {
  const path: string[] = []
  let key = ''
  let value: string[] = []
  return {
    open(name, attribute) {
      const expected = expectedElement(path, name)
      if (expected !== undefined) return expected
      path.push(name)
      if (name !== 'entry') return undefined
      if (attribute === undefined) return 'expected <entry> to have the attribute key'
      key = attribute
      value = []
      return undefined
    },
    text(text) {
      if (path.at(-1) === 'entry') value.push(text)
      const blank = path.length !== 1 || text.trim() === ''
      return blank ? undefined : 'expected <entry>, got text between the entries'
    },
    close(name) {
      path.pop()
      if (name === 'entry') found(key, value.join(''))
    },
  }
}

function expectedElement(path: readonly string[], name: string): string | undefined {
  if (path.length === 0) return name === 'properties' ? undefined : `expected <properties> as the root element, got <${name.slice(0, 50)}>`
  if (path.length === 1 && (name === 'entry' || name === 'comment')) return undefined
  return `expected <entry> elements below <properties>, got <${name.slice(0, 50)}> below <${path.at(-1) ?? ''}>`
}
