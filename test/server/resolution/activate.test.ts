import { expect } from 'chai'
import { acceptsProfiles } from '../../../server/src/resolution/activate.js'

describe('acceptsProfiles', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    // expression, accepted profiles, whether it holds
    ['dev', 'dev', true],
    ['dev', 'Dev', false],
    ['dev', '', false],
    ['!prod', 'dev', true],
    ['!prod', 'prod', false],
    ['!!prod', 'prod', true],
    ['a & b', 'a b', true],
    ['a&b', 'a', false],
    ['a | b', 'b', true],
    ['a|b|c', 'c', true],
    ['a & b & c', 'a b', false],
    ['(eu & live) | dev', 'dev', true],
    ['(eu & live) | dev', 'eu', false],
    ['(eu & live) | dev', 'eu live', true],
    ['eu & (live | test)', 'eu test', true],
    ['!(p | q)', 'r', true],
    ['!(p | q)', 'q', false],
    ['!a & b', 'b', true],
    ['!a & b', 'a b', false],
    ['((a))', 'a', true],
    ['a-b.c', 'a-b.c', true],
  ]
  for (const [expression, accepted, expected] of rows) {
    it(`${expression} ${expected ? 'holds' : 'does not hold'} for [${accepted}]`, () => {
      expect(acceptsProfiles([expression], new Set(accepted.split(' ')))).to.equal(expected)
    })
  }

  it('takes a list as alternatives', () => {
    expect(acceptsProfiles(['a & b', 'c'], new Set(['c']))).to.equal(true)
    expect(acceptsProfiles(['a', 'b'], new Set(['c']))).to.equal(false)
  })

  for (const expression of ['', ' ', '&', 'a & b | c', '(a | b) & c | d', '!', '()', `${'('.repeat(100)}a${')'.repeat(100)}`]) {
    it(`refuses ${JSON.stringify(expression.slice(0, 20))}, even where another of the list holds`, () => {
      expect(() => acceptsProfiles(['a', expression], new Set(['a'])))
        .to.throw()
        .with.property('code', 'illegal-property')
    })
  }

  it('reads a long expression without recursion into it', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `p${index}`)
    expect(acceptsProfiles([names.join('|')], new Set(['p19999']))).to.equal(true)
    expect(() => acceptsProfiles(['!'.repeat(20_000)], new Set()))
      .to.throw()
      .with.property('code', 'illegal-property')
  })
})
