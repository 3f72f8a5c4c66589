import { expect } from 'chai'
import fc from 'fast-check'
import { parseExactly } from '../../../client/src/remote/exact-integers.js'

describe('parseExactly', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['[9007199254740992,9007199254740991]', ['9007199254740992', 9007199254740991]],
    ['{"a":12345678901234567890 , "b":[ 12345678901234567890]}', { a: '12345678901234567890', b: ['12345678901234567890'] }],
    ['1234567890123456.5', 1234567890123456.5],
    ['12345678901234567890.0', Number('12345678901234567890')],
    ['12345678901234567890e2', Number('12345678901234567890e2')],
    ['0.12345678901234567890', Number('0.12345678901234567890')],
    ['{"12345678901234567890":"12345678901234567890"}', { '12345678901234567890': '12345678901234567890' }],
    ['["a\\"12345678901234567890",12345678901234567890]', ['a"12345678901234567890', '12345678901234567890']],
    ['["a\\\\",12345678901234567890]', ['a\\', '12345678901234567890']],
    ['["\\\\\\"",12345678901234567890,"\\u0022"]', ['\\"', '12345678901234567890', '"']],
  ]
  for (const [text, expected] of table) {
    it(`reads ${text}`, () => expect(parseExactly(text)).to.deep.equal(expected))
  }

  it('is JSON.parse for everything else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}/.test(text.replace(/"(\\.|[^"\\])*"/g, '""')))
        expect(parseExactly(text)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('never rounds an integer, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.bigInt(), fc.string())), fc.constantFrom('', ' ', '\n'), (items, space) => {
        const text = `[${items.map((item) => (typeof item === 'bigint' ? `${item}` : JSON.stringify(item))).join(`${space},${space}`)}]`
        const expected = items.map((item) =>
          typeof item === 'string' || !Number.isSafeInteger(Number(item)) ? String(item) : Number(item),
        )
        expect(parseExactly(text)).to.deep.equal(expected)
      }),
    )
  })
})
