import { expect } from 'chai'
import fc from 'fast-check'
import { formatDouble, scalarText } from '../../environment/src/numbers.js'

describe('formatDouble', () => {
  const table: [number, string][] = [
    [1, '1.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [100, '100.0'],
    [-1.5, '-1.5'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [0.00099, '9.9E-4'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [123456789, '1.23456789E8'],
    [1e10, '1.0E10'],
    [1e-10, '1.0E-10'],
    [-2.5e-7, '-2.5E-7'],
    [1e20, '1.0E20'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ]
  for (const [value, text] of table) it(`writes ${text}`, () => expect(formatDouble(value)).to.equal(text))

  it('reads back as the same number', () => {
    fc.assert(fc.property(fc.double(), (value) => Object.is(Number(formatDouble(value)), value)))
  })
})

describe('scalarText', () => {
  it('keeps strings, spells booleans, and tells integers from doubles', () => {
    expect(['a', true, 12n, 12, 123456789012345678901234567890n].map(scalarText)).to.deep.equal([
      'a',
      'true',
      '12',
      '12.0',
      '123456789012345678901234567890',
    ])
  })
})
