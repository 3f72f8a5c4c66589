import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { ConfigError } from '../../../client/src/errors.js'
import { readDocument } from '../../../client/src/remote/document.js'
import { canary, titled } from '../../../scripts/canary.mjs'

const SECRET = canary('value')

/** The properties of an environment with one source, as entries. */
function entriesOf(source: string): unknown {
  const [read] = readDocument(`{"propertySources":[{"name":"s","source":${source}}]}`, { label: '' }).sources
  return Array.from(read?.properties ?? [], ([key, { value, origin }]) => (origin === undefined ? [key, value] : [key, value, origin]))
}

function refusalOf(text: string): ConfigError {
  try {
    readDocument(text, { label: '' })
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('it was taken')
}

describe('readDocument', () => {
  const values: readonly (readonly [string, string, readonly unknown[]])[] = [
    [
      'plain values of version 1',
      '{"a":"x","b":1,"c":true,"d":1.5,"e":""}',
      [
        ['a', 'x'],
        ['b', 1],
        ['c', true],
        ['d', 1.5],
        ['e', ''],
      ],
    ],
    ['values of version 2 with their origins', '{"a":{"value":1,"origin":"4:11"}}', [['a', 1, '4:11']]],
    [
      'plain values within version 2',
      '{"a":{"value":1,"origin":"4:11"},"b":"decrypted"}',
      [
        ['a', 1, '4:11'],
        ['b', 'decrypted'],
      ],
    ],
    [
      'null',
      '{"a":null,"b":{"value":null,"origin":"1:1"}}',
      [
        ['a', null],
        ['b', null, '1:1'],
      ],
    ],
    ['a null of version 2, which is left out', '{"a":{"origin":"3:4"}}', [['a', null, '3:4']]],
    ['an origin in words', '{"a":{"value":1,"origin":"Config server overrides"}}', [['a', 1, 'Config server overrides']]],
    [
      'nested values as flat keys',
      '{"a":{"b":[1,{"c":"x"}],"d":{}}}',
      [
        ['a.b[0]', 1],
        ['a.b[1].c', 'x'],
        ['a.d', ''],
      ],
    ],
    [
      'a nested value with an origin',
      '{"a":{"value":[1,2],"origin":"1:2"}}',
      [
        ['a[0]', 1, '1:2'],
        ['a[1]', 2, '1:2'],
      ],
    ],
    [
      'a key called origin',
      '{"a":{"origin":"Kyoto"},"b":{"value":1,"origin":"2:1","x":1}}',
      [
        ['a.origin', 'Kyoto'],
        ['b.value', 1],
        ['b.origin', '2:1'],
        ['b.x', 1],
      ],
    ],
    [
      'keys that other objects have',
      '{"__proto__":{"value":1,"origin":"1:1"},"constructor":2,"a":{"__proto__":3}}',
      [
        ['__proto__', 1, '1:1'],
        ['constructor', 2],
        ['a.__proto__', 3],
      ],
    ],
    [
      'integers that a double holds',
      '{"a":9007199254740991,"b":-9007199254740991}',
      [
        ['a', 9007199254740991],
        ['b', -9007199254740991],
      ],
    ],
    [
      'larger integers as their digits',
      '{"a":9007199254740993,"b":{"value":-123456789012345678901234567890,"origin":"1:1"}}',
      [
        ['a', '9007199254740993'],
        ['b', '-123456789012345678901234567890', '1:1'],
      ],
    ],
  ]
  for (const [what, source, expected] of values) {
    it(`reads ${what}`, () => {
      expect(entriesOf(source)).to.deep.equal(expected)
      expect(Object.keys(Object.prototype)).to.deep.equal([])
    })
  }

  it('keeps the order of the sources, the strongest first, and names that occur twice', () => {
    const text = '{"propertySources":[{"name":"b","source":{}},{"name":"a","source":{}},{"name":"b","source":{}}]}'
    expect(readDocument(text, { label: '' }).sources.map(({ name }) => name)).to.deep.equal(['b', 'a', 'b'])
  })

  it('takes an answer without sources, and members that it does not know', () => {
    expect(readDocument('{"propertySources":[],"state":null,"novel":{"deep":[1]}}', { label: '' }).sources).to.deep.equal([])
  })

  it('says which version it is: the commit of the body before that of the header, the digest of the header', () => {
    const text = (version: string) => `{"version":${version},"propertySources":[]}`
    const facts = { label: 'main', commit: 'c1', digest: 'd1', validator: 'W/"v"', staleAt: 'c0' }
    expect(readDocument(text('"c2"'), facts)).to.deep.include({
      version: { commit: 'c2', label: 'main', digest: 'd1' },
      validator: 'W/"v"',
      staleAt: 'c0',
    })
    expect(readDocument(text('null'), facts).version.commit).to.equal('c1')
    expect(readDocument(text('17'), { label: '' }).version.commit).to.equal('')
    expect(readDocument(text('null'), facts).text).to.equal(text('null'))
  })

  describe('a digest of its own', () => {
    const digestOf = (source: string, name = 's') =>
      readDocument(
        `{"version":"${createHash('sha1').update(source).digest('hex')}","propertySources":[{"name":"${name}","source":${source}}]}`,
        { label: '' },
      ).version.digest

    it('is the same for the same meaning, whatever its commit and its origins', () => {
      expect(digestOf('{"a":1}')).to.match(/^[0-9a-f]{64}$/)
      expect(digestOf('{"a":{"value":1,"origin":"1:1"}}'))
        .to.equal(digestOf('{"a":{"value":1,"origin":"2:1"}}'))
        .and.equal(digestOf('{"a":1}'))
    })

    it('is another one for another name, key, value or type', () => {
      const all = [
        digestOf('{"a":1}'),
        digestOf('{"a":1}', 't'),
        digestOf('{"b":1}'),
        digestOf('{"a":2}'),
        digestOf('{"a":"1"}'),
        digestOf('{"a":null}'),
        digestOf('{}'),
      ]
      expect(new Set(all)).to.have.lengthOf(all.length)
    })
  })

  const broken: readonly (readonly [string, string])[] = [
    ['', 'its body of 0 characters is not JSON: it is empty'],
    [`{"propertySources":[{"name":"${SECRET}`, 'is not JSON'],
    [`{"a":"${SECRET}"} trailing`, 'it goes wrong at character'],
    [`<html>${SECRET}</html>`, 'is not JSON'],
    [`"${SECRET}"`, 'the body is of type string, expected an object'],
    [`["${SECRET}"]`, 'the body is a list, expected an object'],
    ['null', 'the body is null, expected an object'],
    [`{"error":"${SECRET}"}`, "'propertySources' is missing, expected a list"],
    [`{"propertySources":{"${SECRET}":1}}`, "'propertySources' is of type object, expected a list"],
    [`{"propertySources":[{"name":"a","source":{}},"${SECRET}"]}`, 'propertySources[1] is of type string, expected an object'],
    ['{"propertySources":[{"source":{}}]}', 'propertySources[0].name is missing, expected a text'],
    [`{"propertySources":[{"name":"a","source":["${SECRET}"]}]}`, 'propertySources[0].source is a list, expected an object'],
    [`{"propertySources":[{"name":"a","source":{"k":${'['.repeat(100)}"${SECRET}"${']'.repeat(100)}}}]}`, 'nested deeper than 64 levels'],
    [`{"propertySources":[{"name":"a","source":{"k":${'['.repeat(200_000)}${']'.repeat(200_000)}}}]}`, 'nested deeper than 64 levels'],
  ]
  for (const [text, message] of broken) {
    it(`refuses ${titled(text).slice(0, 60)}: ${message}`, () => {
      const error = refusalOf(text)
      expect(error.code).to.equal('bad-response')
      expect(error.message).to.include(message)
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.to.include(SECRET)
    })
  }

  it('takes or refuses whatever comes, and crashes on nothing', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ value: fc.jsonValue(), origin: fc.oneof(fc.string(), fc.jsonValue()) }, { requiredKeys: [] }),
    )
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'value', 'origin'))
    const member = fc.tuple(key, value).map((pair) => pair.map((part) => JSON.stringify(part)).join(':'))
    const source = fc.oneof(
      fc.json(),
      fc.array(member).map((members) => `{"name":"s","source":{${members}}}`),
    )
    fc.assert(
      fc.property(fc.array(source), (sources) => {
        try {
          for (const { properties } of readDocument(`{"propertySources":[${sources}]}`, { label: '' }).sources) {
            for (const { value: leaf, origin } of properties.values()) {
              expect(leaf === null || ['string', 'number', 'boolean'].includes(typeof leaf)).to.equal(true)
              expect(['string', 'undefined']).to.include(typeof origin)
            }
          }
        } catch (error) {
          expect(error).to.include({ name: 'ConfigError', code: 'bad-response' })
        }
        expect(Object.keys(Object.prototype)).to.deep.equal([])
      }),
    )
  })
})
