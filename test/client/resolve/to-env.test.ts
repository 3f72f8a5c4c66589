import { expect } from 'chai'
import type { Json } from '../../../client/src/json.js'
import { toEnv } from '../../../client/src/resolve/to-env.js'
import { canary } from '../../../scripts/canary.mjs'

const SECRET = canary('value')
const OTHER = canary('other')

const flat = (values: Readonly<Record<string, Json>>): ReadonlyMap<string, Json> => new Map(Object.entries(values))

describe('toEnv', () => {
  it('spells keys as variables and values as text', () => {
    const keys = { 'db.pool-max': 5, 'db.poolMin': 1, 'hosts[0].name': 'a', 'm[a.b]': true, none: null, empty: [], '': 'x', '[/]': 'x' }
    expect(toEnv(flat(keys))).to.deep.equal({
      DB_POOL_MAX: '5',
      DB_POOL_MIN: '1',
      HOSTS_0_NAME: 'a',
      M_A_B: 'true',
      NONE: '',
      EMPTY: '',
    })
  })

  it('picks keys with all below them, in any spelling, and puts a prefix before each', () => {
    const keys = { 'db.pool-max': 5, 'db.url': 'u', 'dbs.x': 1, 'hosts[0]': 'a', 'hosts[1]': 'b' }
    expect(toEnv(flat(keys), { prefix: 'APP_', pick: ['DB', 'hosts[0]'] })).to.deep.equal({
      APP_DB_POOL_MAX: '5',
      APP_DB_URL: 'u',
      APP_HOSTS_0: 'a',
    })
    expect(toEnv(flat(keys), { pick: ['db.poolMax'] })).to.deep.equal({ DB_POOL_MAX: '5' })
  })

  it('refuses two values for one variable, without telling them', () => {
    const clash = (): unknown => toEnv(flat({ 'a.b-c': OTHER, 'a.b.c': SECRET }))
    expect(clash).to.throw('a.b-c and a.b.c both become A_B_C').with.property('code', 'bad-options')
    for (const secret of [SECRET, OTHER]) expect(clash).not.to.throw(secret)
    expect(toEnv(flat({ 'a.b-c': 1, 'a.b.c': '1' }))).to.deep.equal({ A_B_C: '1' })
  })

  it('tells of a clash to who asks, and keeps the first', () => {
    const clashes: unknown[] = []
    const variables = toEnv(flat({ 'a.b-c': 1, 'a.b.c': 2 }), { onClash: (clash) => clashes.push(clash) })
    expect(variables).to.deep.equal({ A_B_C: '1' })
    expect(clashes).to.deep.equal([{ variable: 'A_B_C', keys: ['a.b-c', 'a.b.c'] }])
  })

  it('is inert to __proto__', () => {
    expect(toEnv(flat({ __proto__x: 1 }), { prefix: '__proto__' })).to.have.own.property('__proto___PROTO_X', '1')
  })
})
