import type { Property, PropertySource } from '@carillon/environment'
import { createCipher, decryptProperties, keyOfText, withoutFallThrough } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'

const SECRET = canary('value')

const key = keyOfText('a password')
const cipher = createCipher(() => key)
const valuesOf = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, Property> =>
  new Map(
    Object.entries(entries).map(([name, value], index) => [
      name,
      { value, origin: { kind: 'file', file: 'a.yml', line: index + 1, column: 1 } },
    ]),
  )
const shown = (properties: ReadonlyMap<string, Property>): unknown =>
  [...properties].map(([name, { value, origin }]) => [name, value, origin === undefined ? '' : 'origin'])

describe('decryptProperties', () => {
  it('moves decrypted keys to the end, without an origin, and leaves the others', async () => {
    const secret = await cipher.encrypt(SECRET)
    const properties = valuesOf({
      a: `{cipher}${secret}`,
      b: 'plain',
      c: `{cipher}{key:x}${secret}`,
      d: `x{cipher}${secret}`,
      e: '{CIPHER}x',
    })
    const decrypted = await decryptProperties(properties, cipher, { invalid: 'prefix' })
    const [d, e] = ['d', 'e'].map((name) => [name, properties.get(name)?.value, 'origin'])
    expect(shown(decrypted.properties)).to.deep.equal([['b', 'plain', 'origin'], d, e, ['a', SECRET, ''], ['c', SECRET, '']])
    expect([decrypted.ciphers, decrypted.failed]).to.deep.equal([2, []])
  })
  it('gives the same map back where nothing is to be decrypted', async () => {
    const properties = valuesOf({ a: '1' })
    expect((await decryptProperties(properties, cipher, { invalid: 'prefix' })).properties).to.equal(properties)
  })
  it('shows what it cannot decrypt in either of the two ways of Spring', async () => {
    const properties = valuesOf({ a: '{cipher}zz', b: '{cipher}{key:k}zz', c: 'x' })
    const prefixed = await decryptProperties(properties, cipher, { invalid: 'prefix' })
    expect(shown(prefixed.properties)).to.deep.equal([
      ['c', 'x', 'origin'],
      ['invalid.a', '<n/a>', ''],
      ['invalid.b', '<n/a>', ''],
    ])
    const kept = await decryptProperties(properties, cipher, { invalid: 'text' })
    expect(shown(kept.properties)).to.deep.equal([
      ['c', 'x', 'origin'],
      ['a', 'zz', ''],
      ['b', '{key:k}zz', ''],
    ])
    expect(prefixed.failed).to.deep.equal(['a', 'b'])
  })
  it('does not look at a decrypted value again', async () => {
    const inner = await cipher.encrypt(SECRET)
    const properties = valuesOf({ a: `{cipher}${await cipher.encrypt(`{plain}{cipher}${inner}`)}` })
    expect((await decryptProperties(properties, cipher, { invalid: 'prefix' })).properties.get('a')?.value).to.equal(`{cipher}${inner}`)
  })
  it('opens a sealed value under its own key only', async () => {
    const sealed = `{cipher}${await cipher.encrypt(`{gcm:1}${SECRET}`, { property: 'db.password' })}`
    const { properties } = await decryptProperties(valuesOf({ 'db.password': sealed, 'log.title': sealed }), cipher, { invalid: 'prefix' })
    expect([...properties].map(([name, { value }]) => [name, value])).to.deep.equal([
      ['db.password', SECRET],
      ['invalid.log.title', '<n/a>'],
    ])
  })
})

describe('withoutFallThrough', () => {
  const source = (name: string, keys: readonly string[]): PropertySource => ({
    name,
    properties: new Map(keys.map((each) => [each, { value: '' }])),
  })
  const cases: readonly {
    readonly what: string
    readonly failed: string
    readonly weaker: readonly string[]
    readonly left: readonly string[]
  }[] = [
    { what: 'the key', failed: 'db.password', weaker: ['db.password', 'db.user'], left: ['db.user'] },
    { what: 'the key in another spelling', failed: 'db.pass-word', weaker: ['db.passWord', 'DB.PASS_WORD', 'db.pass'], left: ['db.pass'] },
    { what: 'what is below the key', failed: 'db', weaker: ['db.user', 'db[0]', 'dbx', 'a.db'], left: ['dbx', 'a.db'] },
    { what: 'the whole of a list', failed: 'hosts[1].token', weaker: ['hosts[0].token', 'hosts[2]', 'hosts', 'host'], left: ['host'] },
  ]
  for (const { what, failed, weaker, left } of cases) {
    it(`takes ${what} from weaker sources and from no stronger one`, () => {
      const sources = [source('strong', weaker), source('failing', [`invalid.${failed}`]), source('weak', weaker)]
      const result = withoutFallThrough(sources, [[], [failed], []])
      expect(result.map(({ properties }) => [...properties.keys()])).to.deep.equal([weaker, [`invalid.${failed}`], left])
    })
  }
})
