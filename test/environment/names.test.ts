import { expect } from 'chai'
import { kebab, parseKey, stepsOfKey, uniformKey } from '../../environment/src/names.js'
import { isServiceLink, stepsOfVariable, variableForms, variableOf } from '../../environment/src/variables.js'

describe('stepsOfKey', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a.b-c', ['a', 'b-c']],
    ['a[0].b[12]', ['a', '0', 'b', '12']],
    ['a[b.c/d].e', ['a', 'b.c/d', 'e']],
    ['[a.b]', ['a.b']],
    ['a..b.', ['a', 'b']],
    ['', []],
  ]
  for (const [key, steps] of cases) it(JSON.stringify(key), () => expect(stepsOfKey(key)).to.deep.equal(steps))
})

describe('stepsOfVariable', () => {
  it('cuts at underscores and knows no case', () => expect(stepsOfVariable('A_B__C_0')).to.deep.equal(['a', 'b', 'c', '0']))
})

describe('uniformKey', () => {
  for (const key of ['git.searchPaths', 'git.search-paths', 'GIT.search_paths', 'git[search-Paths]']) {
    it(key, () => expect(uniformKey(key)).to.equal('git.searchpaths'))
  }
})

describe('variableForms', () => {
  it('lets dashes fall away, or makes them underscores', () => expect(variableForms('a.b-c')).to.deep.equal(['a_bc', 'a_b_c']))
})

describe('kebab', () => {
  for (const key of ['searchPaths', 'search_paths', 'search-paths']) it(key, () => expect(kebab(key)).to.equal('search-paths'))
})

describe('parseKey', () => {
  it('tells what stands in brackets', () => {
    expect(parseKey('m[a.b].c')).to.deep.equal([
      { text: 'm', bracketed: false },
      { text: 'a.b', bracketed: true },
      { text: 'c', bracketed: false },
    ])
  })

  const odd: readonly (readonly [string, readonly string[]])[] = [
    ['a[0', ['a', '0']],
    ['a]b', ['a', 'b']],
    ['a[b[c]', ['a', 'b[c']],
    ['a[]', ['a', '']],
    ['.a.', ['a']],
    ['['.repeat(100_000), []],
  ]
  for (const [key, steps] of odd) it(JSON.stringify(key.slice(0, 20)), () => expect(stepsOfKey(key)).to.deep.equal(steps))
})

describe('variableOf', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['db.pool-max', 'DB_POOL_MAX'],
    ['db.poolMax', 'DB_POOL_MAX'],
    ['db.pool_max', 'DB_POOL_MAX'],
    ['hosts[0].name', 'HOSTS_0_NAME'],
    ['m[a.b/c]', 'M_A_B_C'],
  ]
  for (const [key, variable] of cases) it(key, () => expect(variableOf(key)).to.equal(variable))
})

describe('isServiceLink', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['REDIS_PORT', 'tcp://10.0.0.1:6379', true],
    ['REDIS_PORT', '6379', false],
    ['REDIS_SERVICE_HOST', '10.0.0.1', true],
    ['REDIS_PORT_6379_TCP_ADDR', '10.0.0.1', true],
    ['REDIS_URL', 'redis://10.0.0.1', false],
  ]
  for (const [name, value, wanted] of cases) it(`${name}=${value}`, () => expect(isServiceLink(name, value)).to.equal(wanted))
})
