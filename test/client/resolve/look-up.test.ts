import { expect } from 'chai'
import { z } from 'zod'
import { type Given, resolved } from './input.js'

const remote = (source: string, line: number): object => ({ kind: 'remote', source, commit: 'c0ffee', line, column: 1 })

describe('explain', () => {
  const given: Given = {
    remote: [
      { 'db.pool-max': 5, 'l[0]': 'x', 'm.a': 1, t: '${db.poolMax}', v: 'text' },
      { 'db.poolMax': 6, 'l[0]': 'a', 'l[1].b': 'b', m: 'text', 'v.w': 1 },
    ],
    defaults: { 'DB.POOL_MAX': 7, l: 'c,d' },
    env: { DB_POOL_MAX: '8', HOME: '/h' },
  }
  const cases: readonly (readonly [string, unknown])[] = [
    [
      'db.POOL_max',
      {
        path: 'db.pool-max',
        value: 8,
        origin: { kind: 'env', source: 'DB_POOL_MAX' },
        overridden: [
          { value: 5, origin: remote('r0', 1) },
          { value: 6, origin: remote('r1', 1) },
          { value: 7, origin: { kind: 'default', source: 'defaults', line: 1, column: 1 } },
        ],
      },
    ],
    [
      'l',
      {
        path: 'l',
        value: ['x'],
        origin: remote('r0', 2),
        overridden: [
          { value: ['a', { b: 'b' }], origin: remote('r1', 2) },
          { value: 'c,d', origin: { kind: 'default', source: 'defaults', line: 2, column: 1 } },
        ],
      },
    ],
    ['l[0]', { path: 'l[0]', value: 'x', origin: remote('r0', 2), overridden: [{ value: 'a', origin: remote('r1', 2) }] }],
    ['t', { path: 't', value: 8, origin: remote('r0', 4), overridden: [] }],
    ['v', { path: 'v', value: 'text', origin: remote('r0', 5), overridden: [{ value: { w: 1 }, origin: remote('r1', 5) }] }],
    ['m', undefined],
    ['l[1]', undefined],
    ['v.w', undefined],
    ['home', undefined],
    ['', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ]
  for (const [path, wanted] of cases) {
    it(JSON.stringify(path), async () => expect((await resolved(given)).explain(path)).to.deep.equal(wanted))
  }

  it('explains a text in the place of a list', async () => {
    const { explain, flat } = await resolved({ remote: [{ l: 'a, b' }, { 'l[0]': 'c' }, { l: '' }] })
    expect(explain('l')?.value).to.deep.equal(['a', 'b'])
    expect(explain('l')?.overridden.map(({ value }) => value)).to.deep.equal([['c'], ''])
    const overridden = [{ value: 'c', origin: remote('r1', 1) }]
    expect(explain('l[0]')).to.deep.equal({ path: 'l[0]', value: 'a', origin: remote('r0', 1), overridden })
    expect(explain('l[1]')).to.deep.equal({ path: 'l[1]', value: 'b', origin: remote('r0', 1), overridden: [] })
    expect(explain('l[2]')).to.equal(undefined)
    expect([...flat]).to.deep.equal([
      ['l[0]', 'a'],
      ['l[1]', 'b'],
    ])
  })

  it('fills in what is covered, and minds no circle there', async () => {
    const { explain } = await resolved({
      remote: [
        { a: 1, b: 2 },
        { a: '${b}/x', b: '${b}' },
      ],
    })
    expect(explain('a')?.overridden[0]?.value).to.equal('2/x')
    expect(explain('b')?.overridden[0]?.value).to.equal(2)
  })
})

describe('find', () => {
  const given: Given = {
    remote: [{ 'db.pool-max': 5, 'hosts[0].hostName': 'a', 'm[a.b]': 1, none: null, text: 'x', 'm.Length': 3 }],
    env: { DB_POOL_MIN: '1', HOME: '/h', GREETING: 'hi ${text}' },
    argv: ['--db.url=u'],
  }
  const cases: readonly (readonly [string, unknown])[] = [
    ['db.pool-max', { value: 5 }],
    ['db.poolMax', { value: 5 }],
    ['DB', { value: { 'pool-max': 5 } }],
    ['hosts[0].host-name', { value: 'a' }],
    ['hosts.0', { value: { hostName: 'a' } }],
    ['m[a.b]', { value: 1 }],
    ['m.length', { value: 3 }],
    ['none', { value: null }],
    ['db.pool.min', { value: '1' }],
    ['db.url', { value: 'u' }],
    ['HOME', { value: '/h' }],
    ['greeting', { value: 'hi x' }],
    ['hosts.length', undefined],
    ['text.length', undefined],
    ['db.toString', undefined],
    ['constructor.name', undefined],
    ['__proto__', undefined],
    ['hosts[1]', undefined],
    ['db.pool', undefined],
    ['', undefined],
  ]
  for (const [path, wanted] of cases) it(JSON.stringify(path), async () => expect((await resolved(given)).find(path)).to.deep.equal(wanted))

  it('finds what the schema makes, not what it leaves out', async () => {
    const schema = z.object({ at: z.string().transform((text) => new Date(text)), n: z.string().transform(Number) })
    const { find } = await resolved({ remote: [{ at: '2020-01-01', n: '5', left: 'out' }], env: { LEFT: 'x' }, schema })
    expect(find('n')).to.deep.equal({ value: 5 })
    expect(find('at')?.value).to.be.instanceOf(Date)
    expect(find('left')).to.equal(undefined)
  })
})

describe('nearest', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['server.prot', ['server.port']],
    ['serverPort', ['server.port']],
    ['db.poolMix', ['db.pool-max', 'db.pool-min']],
    ['hosts[0].nam', ['hosts[0].name']],
    ['quite.another', []],
    ['', []],
  ]
  for (const [path, wanted] of cases) {
    it(JSON.stringify(path), async () => {
      const { nearest } = await resolved({ remote: [{ 'server.port': 1, 'db.pool-max': 2, 'db.pool-min': 3, 'hosts[0].name': 'a' }] })
      expect(nearest(path)).to.deep.equal(wanted)
    })
  }

  it('proposes at most three', async () => {
    const { nearest } = await resolved({ remote: [{ ka: 1, kb: 2, kc: 3, kd: 4 }] })
    expect(nearest('ke')).to.have.length(3)
  })
})

describe('pinned', () => {
  const before: Given = {
    remote: [{ 'server.port': 1, 'server.host': 'h', 'l[0]': 'a', 'l[1]': 'b', free: 1, gone: 'g', e: '' }, { 'e[0]': 'x' }],
    env: { GONE_TOO: 'v' },
  }

  const pin = async (keys: readonly string[], after: Given, schema?: Given['schema']) => {
    const from = await resolved({ ...before, ...(schema && { schema }) })
    return resolved({ ...after, ...(schema && { schema }), pinned: { keys, from } })
  }

  it('keeps what it is and tells what it would be', async () => {
    const after: Given = {
      remote: [
        {
          'server.port': 2,
          'SERVER.host': 'h',
          'server.new': 'n',
          'l[0]': 'c',
          free: 2,
          url: 'http://${server.host}:${server.port}',
          'e[0]': 'y',
        },
      ],
    }
    const { values, heldBack, explain } = await pin(['server', 'l', 'gone', 'e', 'unknown'], after)
    expect(values).to.deep.equal({ server: { port: 1, host: 'h' }, l: ['a', 'b'], free: 2, gone: 'g', e: [], url: 'http://h:1' })
    expect(heldBack).to.deep.equal(['server.port', 'server.new', 'l[0]', 'e[0]', 'l[1]', 'gone', 'e'])
    expect(explain('server.port')).to.deep.include({ value: 1, origin: remote('r0', 1) })
  })

  it('keeps nothing where nothing differs', async () => {
    const { heldBack, explain } = await pin(['server.port'], { remote: [{}, { 'server.port': 1, 'server.host': 'i' }] })
    expect(heldBack).to.deep.equal([])
    expect(explain('server.port')?.origin.source).to.equal('r1')
  })

  it('keeps what only the schema knows, and its spelling', async () => {
    const schema = z.object({ gone: z.string(), goneToo: z.string(), server: z.object({ PORT: z.number() }) })
    const { values, heldBack } = await pin(
      ['gone', 'server.port'],
      { remote: [{ gone: 'h', 'server.port': 2 }], env: { GONE_TOO: 'v' } },
      schema,
    )
    expect(values).to.deep.equal({ gone: 'g', goneToo: 'v', server: { PORT: 1 } })
    expect(heldBack).to.deep.equal(['gone', 'server.port'])
  })

  it('does not fill in again what was kept', async () => {
    const from = await resolved({ remote: [{ a: '\\${b}', b: 1 }] })
    const { values } = await resolved({ remote: [{ a: 'x', b: 2 }], pinned: { keys: ['a'], from } })
    expect(values).to.deep.equal({ a: '${b}', b: 2 })
  })

  it('keeps through several refreshes', async () => {
    const first = await resolved({ remote: [{ a: 1 }] })
    const second = await resolved({ remote: [{ a: 2 }], pinned: { keys: ['a'], from: first } })
    const third = await resolved({ remote: [{ a: 3 }], pinned: { keys: ['a'], from: second } })
    expect(third.values).to.deep.equal({ a: 1 })
    expect(third.heldBack).to.deep.equal(['a'])
    expect(third.explain('a')?.origin.source).to.equal('r0')
  })
})
