import { expect } from 'chai'
import { expandProfiles, ignoresProfilesOfFiles, isValidProfile, requireValidProfiles } from '../../../server/src/resolution/profiles.js'

describe('expandProfiles', () => {
  const groups = new Map([
    ['g1', ['g2', 'm1']],
    ['g2', ['m2']],
    ['loop', ['pool']],
    ['pool', ['loop', 'end']],
    ['self', ['self']],
  ])
  const rows: readonly (readonly [string, string])[] = [
    ['', ''],
    ['a b', 'a b'],
    ['a b a', 'a b'],
    ['g1', 'g1 g2 m2 m1'],
    ['m1 g1', 'm1 g1 g2 m2'],
    ['g2 g1', 'g2 m2 g1 m1'],
    ['loop', 'loop pool end'],
    ['self x', 'self x'],
  ]
  for (const [given, expected] of rows) {
    it(`makes [${given}] [${expected}]`, () => {
      const list = given === '' ? [] : given.split(' ')
      expect(expandProfiles(list, groups).join(' ')).to.equal(expected)
    })
  }

  it('walks a chain of 10,000 groups', () => {
    const chain = new Map(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, [`p${index + 1}`]]))
    expect(expandProfiles(['p0'], chain)).to.have.length(10_001)
  })
})

describe('ignoresProfilesOfFiles', () => {
  for (const [profiles, expected] of [
    ['', true],
    ['default', true],
    ['DeFault', true],
    ['default,p', true],
    ['p,default', false],
    ['p', false],
  ] as const) {
    it(`is ${expected} for '${profiles}'`, () =>
      expect(ignoresProfilesOfFiles(profiles === '' ? [] : profiles.split(','))).to.equal(expected))
  }
})

describe('isValidProfile', () => {
  for (const valid of ['a', '1', 'a..b', 'a.b', 'a+b', 'a@b', 'ün', 'a_b-c', 'дев', '𝒜']) {
    it(`takes ${valid}`, () => expect(isValidProfile(valid)).to.equal(true))
  }
  for (const invalid of ['', ' ', ' dev', '-a', '_a', 'a-', 'a#b', '*', '..', 'a/b', 'a\\b', 'a\0', 'a\n', 'a,b', '@', '${x}']) {
    it(`refuses ${JSON.stringify(invalid)}`, () => expect(isValidProfile(invalid)).to.equal(false))
  }
})

describe('requireValidProfiles', () => {
  it('gives back what is valid, and names the key and the profile that is not', () => {
    expect(requireValidProfiles(['a', 'b'], 'k')).to.deep.equal(['a', 'b'])
    expect(() => requireValidProfiles(['a', '*b'], 'spring.profiles.include')).to.throw(
      /'spring\.profiles\.include' names the profile '\*b'/,
    )
  })
})
