import { expect } from 'chai'
import fc from 'fast-check'
import { ServerError } from '../../../../server/src/errors.js'
import { configExtensions, defaultLimits, parseFile } from '../../../../server/src/resolution/parse/index.js'
import { bytesOf, placeText, type Row, readVectors, rowsOf } from './rows.js'

interface SpringVector {
  readonly ext: string
  readonly source: string
  readonly spring: string | readonly (readonly Row[])[]
}

interface OriginVector {
  readonly file: string
  readonly document: number
  readonly text: string
  readonly source: Readonly<Record<string, { readonly value: unknown; readonly origin: string } | string>>
}

/** Where Spring refuses a file, any proper answer is as good; what we say instead is pinned here. */
const readable = new Map<string, readonly (readonly Row[])[]>([
  // An anchor may hold any character in YAML 1.2, SnakeYAML knows fewer.
  ['a: &b.c 1', [[['a', 'Integer', '1', '1:4']]]],
  ['a: "\\/\\\t"', [[['a', 'String', '/\t', '1:4']]]],
  // A comma ends a tag in brackets.
  [
    '[!!str, b]',
    [
      [
        ['document[0]', 'String', '', '1:2'],
        ['document[1]', 'String', 'b', '1:9'],
      ],
    ],
  ],
  [
    '{a: !!null, b: 1}',
    [
      [
        ['a', 'String', '', '1:5'],
        ['b', 'Integer', '1', '1:16'],
      ],
    ],
  ],
  ['a: |#c\n x', [[['a', 'String', 'x', '1:4']]]],
  // An empty document is no error because it comes first.
  ['...\na: 1', [[['a', 'Integer', '1', '2:4']]]],
  ['#c\n...\n---\na: 1', [[['a', 'Integer', '1', '4:4']]]],
  // Spring Boot 4.0.8 reads a null key, 4.0.2 did not.
  ['&a : 1', [[['[null]', 'Integer', '1', '1:6']]]],
  ['? \n', [[['[null]', 'String', '', '2:1']]]],
  ['[? ]', [[['document[0][null]', 'String', '', '1:4']]]],
  ['{? }', [[['[null]', 'String', '', '1:4']]]],
  // Java insists on the DOCTYPE.
  ['<properties></properties>', [[]]],
])

/** Where Spring reads a file and we differ. */
const different = new Map<string, 'refused' | readonly (readonly Row[])[]>([
  // SnakeYAML takes a scalar below `? key` for its value although no `:` stands before it.
  ['k:\n 1:\n  2.50: -1\n  ? [a]: &q\n   x\n  {m: n}: >\n    l1\n', 'refused'],
  ['? [a]: &q\n x\nb: 1\n', 'refused'],
  ['? [a]: 1\n x\nb: 1\n', 'refused'],
  // A pair is an array in Java, and no value of an environment.
  [
    'a: !!pairs [b: 1, b: 2]',
    [
      [
        ['a[0][0]', 'String', 'b', '1:13'],
        ['a[0][1]', 'Integer', '1', '1:16'],
        ['a[1][0]', 'String', 'b', '1:19'],
        ['a[1][1]', 'Integer', '2', '1:22'],
      ],
    ],
  ],
])

describe('parseFile', () => {
  describe('reads what Spring Boot reads', () => {
    for (const { ext, source, spring } of readVectors<SpringVector>('spring-boot.json')) {
      it(`${ext} ${JSON.stringify(source).slice(0, 100)}`, () => {
        const path = `x.${ext}`
        const expected = different.get(source) ?? (typeof spring === 'string' ? (readable.get(source) ?? 'refused') : spring)
        if (expected === 'refused') expect(() => parseFile(path, bytesOf(path, source))).to.throw(ServerError)
        else
          expect(sorted(ext, rowsOf(path, source))).to.deep.equal(
            sorted(
              ext,
              expected.map((rows) => rows),
            ),
          )
      })
    }
  })

  describe('tells origins as the recorded answers do', () => {
    for (const { file, document, text, source } of readVectors<OriginVector>('origins.json')) {
      it(`${file} (document ${document})`, () => {
        const found = parseFile(file, Buffer.from(text, 'latin1'))[document]!
        const expected = Object.entries(source).map(([key, told]) =>
          typeof told === 'string' ? [key, told, '-'] : [key, told.value, told.origin],
        )
        expect([...found.properties].map(([key, { value, origin }]) => [key, jsonValue(value), placeText(origin)])).to.deep.equal(expected)
      })
    }
  })

  describe('ends with a clear error', () => {
    const key = 'k'.repeat(1_000_000)
    const anchored = (depth: number) => Array.from({ length: depth }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`).join('\n')
    const laughs = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(',')}]`).join(
      '\n',
    )
    const rows: readonly (readonly [name: string, path: string, text: string, code: string, message: RegExp])[] = [
      ['a billion laughs', 'x.yml', `a0: &a0 [x]\n${laughs}`, 'too-large', /more than 100000 keys/],
      ['laughs that leave no keys', 'x.yml', `a0: &a0 {}\n${laughs}`, 'too-large', /more than 800000 nodes/],
      ['laughs in a key', 'x.yml', `a0: &a0 [x]\n${laughs}\n? *a9\n: 1`, 'too-large', /more than 800000 nodes/],
      ['a chain of aliases', 'x.yml', `a0: &a0 [x]\n${anchored(60)}`, 'too-large', /more than 50 aliases inside of one another/],
      ['many open brackets', 'x.yml', '['.repeat(1_000_000), 'too-large', /deeper than 50/],
      ['many dashes', 'x.yml', '- '.repeat(1_000_000), 'too-large', /deeper than 50/],
      ['a long text often', 'x.yml', `a: &a ${key}\nb:\n${'- *a\n'.repeat(50)}`, 'too-large', /characters/],
      ['a long key often', 'x.yml', `? ${key}\n: [${'{a: {}},'.repeat(50)}]`, 'too-large', /characters/],
      ['a long merged key often', 'x.yml', `a: &a\n  ? ${key}\n  : 1\nb:\n${'- <<: *a\n'.repeat(50)}`, 'too-large', /characters/],
      [
        'many keys',
        'x.properties',
        Array.from({ length: 100_001 }, (_, index) => `k${index}=`).join('\n'),
        'too-large',
        /more than 100000 keys/,
      ],
      ['a long key with a list', 'x.properties', `${key}[]=${'a,'.repeat(50)}`, 'too-large', /characters/],
      ['a large file', 'x.yml', ' '.repeat(defaultLimits.bytes + 1), 'too-large', /3145729 bytes, at most 3145728/],
      ['an alias to its own parent', 'x.yml', 'a: &a\n  b: *a\n', 'unreadable-file', /x\.yml:2:6: expected the alias \*a to stand outside/],
      ['a key twice', 'x.yml', 'a: 1\nb: 2\na: 3\n', 'unreadable-file', /x\.yml:3:1: expected each key of a map once/],
      ['tabs', 'x.yml', 'a:\n\tb: 1\n', 'unreadable-file', /x\.yml:2:1: expected a key or a value, got a tab/],
      ['somebody’s tag', 'x.yml', 'a: !foo bar', 'unreadable-file', /x\.yml:1:4: expected no tag or one of YAML’s own on a value/],
      ['bytes that are not UTF-8', 'x.yml', '', 'unreadable-file', /x\.yml:2:4: expected utf-8 text/],
      ['a malformed escape', 'x.properties', 'a=1\nb=\\u00g1', 'unreadable-file', /x\.properties:2:3: expected four hexadecimal digits/],
      [
        'entities',
        'x.xml',
        '<!DOCTYPE p [<!ENTITY a "b">]>\n<properties><entry key="k">&a;</entry></properties>',
        'unreadable-file',
        /x\.xml:2:\d+: .*entity/,
      ],
      ['another extension', 'x.txt', 'a', 'unreadable-file', /x\.txt: expected a name ending in \.properties, \.xml, \.yml, \.yaml/],
    ]
    for (const [name, path, text, code, message] of rows) {
      it(name, () => {
        const bytes = name === 'bytes that are not UTF-8' ? Buffer.from('a: 1\nb: \xe9', 'latin1') : bytesOf(path, text)
        expect(() => parseFile(path, bytes))
          .to.throw(ServerError, message)
          .with.property('code', code)
      })
    }

    it('tells the place as data', () => {
      expect(() => parseFile('d/x.yml', bytesOf('x.yml', 'a:\n  - @b')))
        .to.throw(ServerError)
        .with.deep.property('place', { file: 'd/x.yml', line: 2, column: 5 })
    })
  })

  it('keeps keys of Object.prototype inert', () => {
    const [document] = parseFile('x.yml', bytesOf('x.yml', '__proto__: {x: 1}\nconstructor: {prototype: {y: 2}}'))
    expect([...document!.properties.keys()]).to.deep.equal(['__proto__.x', 'constructor.prototype.y'])
    expect(({} as { x?: unknown }).x).to.equal(undefined)
  })

  it('reads as many aliases beside one another as Spring does', () => {
    const [document] = parseFile('x.yml', bytesOf('x.yml', `a: &a {b: 1}\nl:\n${'- <<: *a\n'.repeat(1000)}`))
    expect(document!.properties.size).to.equal(1001)
  })

  it('reads an alias as a key, with or without a blank before the colon', () => {
    const rows = rowsOf('x.yml', 'k: &a x\n*a: 1\nm:\n  *a : 2')
    expect(rows[0]!.map(([key, , text]) => `${key}=${text}`)).to.deep.equal(['k=x', 'x=1', 'm.x=2'])
  })

  it('reads UTF-16 with a byte order mark', () => {
    expect(rowsOf('x.yml', Buffer.from('\ufeffa: é', 'utf16le'))).to.deep.equal([[['a', 'String', 'é', '1:4']]])
  })

  it('reads XML in the encoding that it declares', () => {
    const text = '<?xml version="1.0" encoding="ISO-8859-1"?><properties><entry key="k">é</entry></properties>'
    expect(rowsOf('x.xml', Buffer.from(text, 'latin1'))).to.deep.equal([[['k', 'String', 'é', '-']]])
  })

  for (const extension of configExtensions) {
    const pieces = fc.constantFrom(
      ...[
        'a',
        '1',
        ': ',
        ':',
        '- ',
        '-',
        '? ',
        '\n',
        '\n  ',
        ' ',
        '\t',
        '[',
        ']',
        '{',
        '}',
        ',',
        '&a ',
        '*a',
        '!!set ',
        '!',
        '|',
        '>',
        '"',
        "'",
        '\\',
        '#',
        '---\n',
        '<<: ',
        '%',
        '=',
        '\\u00',
        '<entry key="k">',
        '</entry>',
        '<properties>',
        '</properties>',
        '&amp;',
        '<!',
        ']]>',
        'é',
        '😀',
        '\r',
        '\x85',
        '\u2028',
      ],
    )
    it(`throws nothing but ServerError on any bytes or text (${extension})`, () => {
      const source = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'binary', maxLength: 100 }).map((text) => bytesOf('x.yml', text)),
        fc.array(pieces, { maxLength: 60 }).map((list) => bytesOf('x.yml', list.join(''))),
      )
      fc.assert(
        fc.property(source, (bytes) => {
          try {
            parseFile(`x.${extension}`, bytes)
          } catch (error) {
            if (!(error instanceof ServerError)) throw error
          }
        }),
        { numRuns: 1000 },
      )
    })
  }
})

/** Java keeps the entries of XML properties in no order. */
function sorted(ext: string, documents: readonly (readonly Row[])[]): readonly (readonly Row[])[] {
  return ext === 'xml' ? documents.map((rows) => rows.toSorted()) : documents
}

/** JSON knows neither Infinity nor, in the copy, -0. */
function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'number') return value
  return Number.isFinite(value) ? value + 0 : String(value)
}
