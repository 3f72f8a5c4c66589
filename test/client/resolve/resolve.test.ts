import { expect } from 'chai'
import { type Given, resolved } from './input.js'

type Case = readonly [string, Given, unknown, (readonly string[])?]

/** Name, what is given, the values, and what the warnings begin with. */
const table = (cases: readonly Case[]): void => {
  for (const [name, given, values, warnings = []] of cases) {
    it(name, async () => {
      const result = await resolved(given)
      expect(result.values).to.deep.equal(values)
      expect(result.warnings.map((warning, index) => warning.slice(0, warnings[index]?.length))).to.deep.equal(warnings)
    })
  }
}

describe('resolve: merging', () => {
  table([
    ['nothing', {}, {}],
    ['nested maps and lists', { remote: [{ 'a.b': 1, 'a.l[0].x': 'y', 'a.l[1].x': null }] }, { a: { b: 1, l: [{ x: 'y' }, { x: null }] } }],
    ['the strongest first', { remote: [{ a: 1 }, { a: 2, b: 3 }], defaults: { b: 4, c: 5 } }, { a: 1, b: 3, c: 5 }],
    ['maps key by key', { remote: [{ 'm.a': 1 }, { 'm.b': 2 }] }, { m: { a: 1, b: 2 } }],
    [
      'one property in many spellings',
      { remote: [{ 'db.pool-max': 1 }, { 'db.poolMax': 2, 'DB.POOL_MAX': 3 }] },
      { db: { 'pool-max': 1 } },
      ['db.poolMax (r1) and DB.POOL_MAX are one'],
    ],
    ['a shorter list as a whole', { remote: [{ 'l[0]': 'x' }, { 'l[0]': 'a', 'l[1]': 'b' }] }, { l: ['x'] }],
    ['a list of maps as a whole', { remote: [{ 'l[0].a': 1 }, { 'l[0].a': 2, 'l[0].b': 3 }] }, { l: [{ a: 1 }] }],
    ['lists with dots, as overrides have them', { remote: [{ 'l.0': 'x', 'l.1': 'y' }, { 'l[0]': 'a' }] }, { l: ['x', 'y'] }],
    ['lists in lists', { remote: [{ 'l[0][0]': 1, 'l[0][1]': 2, 'l[1][0]': 3 }] }, { l: [[1, 2], [3]] }],
    ['numbers as keys of a map', { remote: [{ 'm[8080]': 'a' }, { 'm[9090]': 'b' }] }, { m: { 8080: 'a', 9090: 'b' } }],
    [
      'numbers beside names',
      { remote: [{ 'm[404]': 'a', 'm.default': 'x' }, { 'm[500]': 'b' }] },
      { m: { 404: 'a', default: 'x', 500: 'b' } },
    ],
    ['an empty text over a map hides nothing', { remote: [{ a: '' }, { 'a.b': 1 }] }, { a: { b: 1 } }],
    ['an empty text over a list is an empty list', { remote: [{ a: '' }, { 'a[0]': 1 }] }, { a: [] }],
    ['an empty text over a text', { remote: [{ a: '' }, { a: 'x' }] }, { a: '' }],
    ['a text over a list', { remote: [{ a: 'x, y' }, { 'a[0]': 'z' }] }, { a: ['x', 'y'] }],
    ['a list over a text', { remote: [{ 'a[0]': 'z' }, { a: 'x,y' }] }, { a: ['z'] }],
    ['a value over a map', { remote: [{ f: false }, { 'f.g': 1 }] }, { f: false }, ['f (r0) covers f.g (r1)']],
    ['a map over a text', { remote: [{ 'f.g': 1 }, { f: 's' }] }, { f: { g: 1 } }, ['f.g (r0) covers f (r1)']],
    ['a map over a list', { remote: [{ 'f.g': 1 }, { 'f[0]': 's' }] }, { f: { g: 1 } }, ['f.g (r0) covers f[0] (r1)']],
    ['a list over a map', { remote: [{ 'f[0]': 's' }, { 'f.g': 1 }] }, { f: ['s'] }, ['f[0] (r0) covers f.g (r1)']],
    ['a number over a list', { remote: [{ f: 1 }, { 'f[0]': 's' }] }, { f: 1 }, ['f (r0) covers f[0] (r1)']],
    [
      'a map over a text, and over the map below',
      { remote: [{ 'f.g': 1 }, { f: 's' }, { 'f.h': 2 }] },
      { f: { g: 1, h: 2 } },
      ['f.g (r0) covers f (r1)'],
    ],
    ['a value and keys below it in one source', { remote: [{ a: 1, 'a.b': 2 }] }, { a: { b: 2 } }, ['a (r0) has keys below it']],
    [
      'a list with a hole',
      { remote: [{ 'l[0]': 'a', 'l[2]': 'c' }] },
      { l: { 0: 'a', 2: 'c' } },
      ['l[0] (r0) is part of a list that has no item [1]'],
    ],
    [
      'an item in the place of a list',
      { remote: [{ 'l[1]': 'x' }, { 'l[0]': 'a', 'l[1]': 'b' }] },
      { l: { 1: 'x' } },
      ['l[1] (r0) is part of a list that has no item [0]'],
    ],
    [
      'an index that would fill the memory',
      { remote: [{ 'l[0]': 'a', 'l[2000000000]': 'c' }] },
      { l: { 0: 'a', 2000000000: 'c' } },
      ['l[0] (r0) is part'],
    ],
    ['keys in brackets', { remote: [{ 'm[a.b]': 1, 'm.a.b': 2, 'm[/api/**]': 3 }] }, { m: { 'a.b': 1, a: { b: 2 }, '/api/**': 3 } }],
    [
      'keys in brackets as they are',
      {
        remote: [
          { 'm[Foo]': 1, 'm.foo': 2 },
          { 'm.Foo': 3, 'm[foo]': 4 },
        ],
      },
      { m: { Foo: 1, foo: 2 } },
      ['m.Foo (r1) and m[foo] are one'],
    ],
    [
      'a name with and without brackets',
      {
        remote: [
          { 'm.Foo.a': 1, 'n[Foo].a': 1 },
          { 'm[Foo].b': 2, 'n.Foo.b': 2 },
        ],
      },
      { m: { Foo: { a: 1 } }, n: { Foo: { a: 1 } } },
      ['m.Foo.a (r0) covers m[Foo].b (r1): both', 'n[Foo].a (r0) covers n.Foo.b (r1): both'],
    ],
    [
      'names of Object',
      { remote: [{ 'a.constructor': 1, 'a.prototype.x': 2, toString: 3 }] },
      { a: { constructor: 1, prototype: { x: 2 } }, toString: 3 },
    ],
    [
      '__proto__',
      { remote: [{ '__proto__.x': 1, 'a.__proto__.y': 2, 'a[__proto__]': 3, b: 4 }] },
      { b: 4 },
      ['"__proto__.x" of r0', '"a.__proto__.y"', '"a[__proto__]"'],
    ],
    ['a key without a name', { remote: [{ '': 1, '.': 2, b: 4 }] }, { b: 4 }, ['"" of r0', '"." of r0']],
  ])

  it('keeps in flat() what no object can hold', async () => {
    const { flat, explain } = await resolved({ remote: [{ '__proto__.x': 1 }] })
    expect([...flat]).to.deep.equal([['__proto__.x', 1]])
    expect(explain('__proto__.x')?.origin.source).to.equal('r0')
    expect(Object.hasOwn(Object.prototype, 'x')).to.equal(false)
  })

  it('has in flat() what counts, in the spelling of its source', async () => {
    const { flat } = await resolved({
      remote: [{ 'DB.pool_max': 1, 'l[0]': 'x', e: '' }, { 'db.poolMax': 2, 'l[1]': 'b', 'e[0]': 1, t: 'u' }, { 't[0]': 'v' }],
    })
    expect(Object.fromEntries(flat)).to.deep.equal({ 'DB.pool_max': 1, 'l[0]': 'x', e: [], 't[0]': 'u' })
  })
})

describe('resolve: arguments and variables', () => {
  const known = { 'db.pool-max': 5, 'db.on': false, 'db.url': 'u', 'hosts[0].name': 'a', 'ports[0]': 1, 'user.name': 'u' }
  const hosts = [{ name: 'a' }]
  const db = { 'pool-max': 5, on: false, url: 'u' }
  const rest = { user: { name: 'u' } }
  table([
    [
      'argv over env over remote',
      { remote: [known], env: { DB_POOL_MAX: '6', DB_URL: 'e' }, argv: ['--db.poolMax=7'] },
      { db: { 'pool-max': 7, on: false, url: 'e' }, hosts, ports: [1], ...rest },
    ],
    [
      'under remote, over defaults',
      { remote: [{ a: 1 }], defaults: { a: 2, b: 3 }, env: { A: '8', B: '9' }, place: 'under-remote' },
      { a: 1, b: 9 },
    ],
    [
      'unknown ones',
      { remote: [known], env: { HOME: '/h', USER: 'root', DB: 'x', DB_POOL: 'x' }, argv: ['--verbose', '--x.y=1', 'db.url=x'] },
      { db, hosts, ports: [1], ...rest },
    ],
    [
      'types that read back',
      { remote: [known], env: { DB_POOL_MAX: '06', DB_ON: 'true', DB_URL: '5' } },
      { db: { 'pool-max': '06', on: true, url: '5' }, hosts, ports: [1], ...rest },
    ],
    [
      'whole lists',
      { remote: [known], env: { HOSTS_0_NAME: 'x', HOSTS_1_NAME: 'y', HOSTS_1_NICK: 'z', PORTS_0: '8', PORTS_1: '9' } },
      { db, hosts: [{ name: 'x' }, { name: 'y' }], ports: [8, 9], ...rest },
    ],
    ['lists in a text', { remote: [known], env: { PORTS: '8, 9' } }, { db, hosts, ports: [8, 9], ...rest }],
    ['a switch', { remote: [known], argv: ['--db.on'] }, { db: { ...db, on: true }, hosts, ports: [1], ...rest }],
    ['a forgotten value', { remote: [known], argv: ['--db.url', 'x'] }, { db, hosts, ports: [1], ...rest }, ['--db.url has no value']],
    ['the last of two arguments', { remote: [{ a: 1 }], argv: ['--a=2', '--a=3', '--', '--a=4'] }, { a: 3 }],
    [
      'two variables for one key',
      { remote: [{ 'a.b-c': 1 }], env: { A_B_C: '2', A_BC: '3' } },
      { a: { 'b-c': 3 } },
      ['A_BC and A_B_C both name a.b-c; A_BC counts'],
    ],
    ['links to Kubernetes services', { remote: [{ 'redis.port': 1 }], env: { REDIS_PORT: 'tcp://10.0.0.1:6379' } }, { redis: { port: 1 } }],
    ['a key in brackets', { remote: [{ 'm[a.b/c]': 1 }], env: { M_A_B_C: '2' } }, { m: { 'a.b/c': 2 } }],
    ['a variable with dots', { remote: [{ 'a.b': 1 }], env: { 'a.b': '2' } }, { a: { b: 2 } }],
    ['an item of an item', { remote: [{ 'l[0][0]': 1 }], env: { L_0_0: '2', L_1_0: '3' } }, { l: [[2], [3]] }],
    ['an item of an empty list', { remote: [{ l: '' }], env: { L_0: 'x' } }, { l: ['x'] }],
  ])
})

describe('resolve: placeholders', () => {
  table([
    ['from merged keys in any spelling', { remote: [{ a: '${db.poolMax}/x' }, { 'db.pool-max': 5 }] }, { a: '5/x', db: { 'pool-max': 5 } }],
    [
      'from arguments, then variables',
      { remote: [{ a: '${HOME} ${x.y-z} ${q}' }], env: { HOME: '/h', X_Y_Z: 'v', q: 'env' }, argv: ['--q=arg'] },
      { a: '/h v arg' },
    ],
    ['with defaults', { remote: [{ a: '${x:}', b: '${x:${y:c}}' }] }, { a: '', b: 'c' }],
    [
      'unfilled',
      { remote: [{ a: '${x} ${m.${n}}', n: 'secret' }] },
      { a: '${x} ${m.secret}', n: 'secret' },
      ['nothing fills a placeholder in a (r0)'],
    ],
    [
      'alone, with the type of what is named',
      { remote: [{ a: '${b}', b: '${c}', c: 5, d: '${c:6}', e: '${c} ' }] },
      { a: 5, b: 5, c: 5, d: '5', e: '5 ' },
    ],
    ['escaped', { remote: [{ a: '\\${b}', b: 1 }] }, { a: '${b}', b: 1 }],
    ['in a variable', { remote: [{ a: 1, b: 2 }], env: { A: '${b}' } }, { a: 2, b: 2 }],
    ['in a list in a text', { remote: [{ l: '${m}', m: 'x,y' }, { 'l[0]': 'z' }] }, { l: ['x', 'y'], m: 'x,y' }],
  ])

  for (const [name, values] of Object.entries({ itself: { a: '${a:x}' }, 'a circle': { a: '${b}', b: '${a}' } })) {
    it(`refuses ${name}`, async () => {
      const error = await resolved({ remote: [values] }).catch((reason: unknown) => reason)
      expect(error).to.include({ code: 'placeholder' })
      expect(String(error)).to.contain('a (r0): circular placeholder')
    })
  }
})
