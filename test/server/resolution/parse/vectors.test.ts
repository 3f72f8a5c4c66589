import { expect } from 'chai'
import { ServerError } from '../../../../server/src/errors.js'
import { parseFile } from '../../../../server/src/resolution/parse/index.js'
import { readVectors, textOf } from './rows.js'

interface YamlVector {
  readonly id: string
  readonly source: string
  readonly snakeyaml: string
}

interface PropertiesVector {
  readonly id: string
  readonly base64: string
  readonly entries?: readonly (readonly [string, string])[]
  readonly error?: string
}

/** Where flat documents are not SnakeYAML's objects. */
const yamlDifferences = new Map<string, readonly string[] | 'refused'>([
  // Bytes and dates are shown as Spring's JSON shows them.
  ['s:!!binary aGVsbG8=', ['v=aGVsbG8=']],
  ['s:!!timestamp 2001-01-01', ['v=2001-01-01T00:00:00.000Z']],
  // A set is a list, and a key that is a list is printed in brackets.
  ['s:!!set {a, b}', ['v[0]=a', 'v[1]=b']],
  ['d:complexkey', ['[[a, b]]=1']],
  // A map within itself has no end when it is flattened: 500 in Spring.
  ['d:recursive', 'refused'],
])

describe('parseFile, YAML as SnakeYAML reads it', () => {
  for (const { id, source, snakeyaml } of readVectors<YamlVector>('yaml.json')) {
    it(id, () => {
      const expected = yamlDifferences.get(id) ?? (snakeyaml.startsWith('ERROR') ? 'refused' : flatten(snakeyaml))
      const bytes = Buffer.from(source)
      if (expected === 'refused')
        expect(() => parseFile('x.yml', bytes))
          .to.throw(ServerError)
          .with.property('code', 'unreadable-file')
      else expect(flatOf('x.yml', bytes)).to.deep.equal(expected)
    })
  }
})

/** Spring's loader, not java.util.Properties, is what a server reads with. */
const propertiesDifferences = new Map<string, readonly string[]>([
  ['emptykey', []], // an empty key is dropped
  ['multidoc', ['a=1', 'a=2']], // #--- begins a document
])

describe('parseFile, properties as java.util.Properties reads them', () => {
  for (const { id, base64, entries = [], error } of readVectors<PropertiesVector>('properties.json')) {
    it(id, () => {
      const bytes = Buffer.from(base64, 'base64')
      const expected = propertiesDifferences.get(id) ?? entries.map(([key, value]) => `${key}=${value}`)
      if (error !== undefined) expect(() => parseFile('x.properties', bytes)).to.throw(ServerError, /four hexadecimal digits/)
      else expect(flatOf('x.properties', bytes)).to.have.members([...expected])
    })
  }
})

function flatOf(path: string, bytes: Uint8Array): readonly string[] {
  return parseFile(path, bytes).flatMap(({ properties }) => [...properties].map(([key, { value }]) => `${key}=${textOf(value)}`))
}

/** Flat keys of the notation `{String:a=Integer:1, String:l=[null, ], } --- …`, written without a look at the code under test. */
function flatten(notation: string): readonly string[] {
  return notation === ''
    ? []
    : notation.split(' --- ').flatMap((document) => {
        const rest = { text: document }
        return document.startsWith('{') ? flattenMap(rest, '') : flattenValue(rest, 'document')
      })
}

function flattenValue(rest: { text: string }, path: string): readonly string[] {
  if (rest.text.startsWith('{')) return flattenMap(rest, path)
  if (rest.text.startsWith('[')) return flattenList(rest, path)
  const text = take(rest, /^[\s\S]*?(?=, |$)/)
  return [`${path}=${text === 'null' ? '' : text.replace(/^\w+:/, '')}`]
}

function flattenMap(rest: { text: string }, path: string): readonly string[] {
  const rows: string[] = []
  take(rest, /^\{/)
  while (!rest.text.startsWith('}')) {
    const key = take(rest, /^[^=]*(?==)/)
    const name = key.startsWith('String:') ? key.slice('String:'.length) : `[${key.replace(/^\w+:/, '')}]`
    take(rest, /^=/)
    rows.push(...flattenValue(rest, path === '' || name.startsWith('[') ? path + name : `${path}.${name}`))
    take(rest, /^, /)
  }
  take(rest, /^\}/)
  return rows
}

function flattenList(rest: { text: string }, path: string): readonly string[] {
  const rows: string[] = []
  take(rest, /^\[/)
  for (let index = 0; !rest.text.startsWith(']'); index += 1) {
    rows.push(...flattenValue(rest, `${path}[${index}]`))
    take(rest, /^, /)
  }
  take(rest, /^\]/)
  return rows
}

function take(rest: { text: string }, pattern: RegExp): string {
  const taken = pattern.exec(rest.text)?.[0] ?? ''
  rest.text = rest.text.slice(taken.length)
  return taken
}
