import { expect } from 'chai'
import { ServerError } from '../../../server/src/errors.js'
import { createMemo } from '../../../server/src/sources/memo.js'
import { createTakeUps } from '../../../server/src/sources/take-ups.js'
import { openMemoryTree } from '../../tools/memory-tree.js'
import { openSources, requestOf } from './opening.js'

const COMPOSITE = ['composite:', '  - {type: git, uri: "file:///a"}', '  - {type: git, uri: "file:///b"}']
const tree = (files = { 'shop.yml': 'k: 1' }) => openMemoryTree({ main: files })

describe('createComposite', () => {
  it('joins in order, without version and state', async () => {
    const sources = openSources(COMPOSITE, { 'file:///a': tree(), 'file:///b': tree() })
    expect(await sources.ask('/shop/dev')).to.equal('file:///a/shop.yml file:///b/shop.yml')
    const { version, state, pins } = await sources.source.find(requestOf('/shop/dev'))
    expect([version, state, pins.length]).to.deep.equal([null, null, 2])
  })

  it('fails with a member, unless it may be skipped; then the answer is not kept', async () => {
    expect(await openSources(COMPOSITE, { 'file:///a': tree() }).ask('/shop/dev')).to.equal('repository-failed')
    const skipping = openSources(['fail-on-composite-error: false', ...COMPOSITE], { 'file:///a': tree() })
    expect(await skipping.ask('/shop/dev')).to.equal('file:///a/shop.yml')
    expect(skipping.troubles).to.have.length(1)
    const { pins } = await skipping.source.find(requestOf('/shop/dev'))
    expect(pins.every((pin) => pin.isCurrent())).to.equal(false)
  })

  it('gives nothing where all may be skipped and fail', async () => {
    expect(await openSources(['fail-on-composite-error: false', ...COMPOSITE], {}).ask('/shop/dev/no')).to.equal('')
  })

  it('takes a file from the first member that has it', async () => {
    const trees = { 'file:///a': tree({ 'shop.yml': 'k: 1' }), 'file:///b': openMemoryTree({ main: { 'n.txt': 'b' } }) }
    const { source } = openSources(COMPOSITE, trees)
    expect((await source.findFile(requestOf('/shop/dev'), 'n.txt'))?.path).to.equal('n.txt')
    expect(await source.findFile(requestOf('/shop/dev'), 'none')).to.equal(undefined)
  })

  it('gives no time to a file that another member may take the place of: a newer one would seem older', async () => {
    const trees = { 'file:///a': tree({ 'shop.yml': 'k: 1' }), 'file:///b': openMemoryTree({ main: { 'n.txt': 'b' } }) }
    const { source } = openSources(COMPOSITE, trees)
    expect((await source.findFile(requestOf('/shop/dev'), 'shop.yml'))?.since).to.be.a('number')
    expect(await source.findFile(requestOf('/shop/dev'), 'n.txt')).not.to.have.property('since')
  })
})

describe('withOverrides', () => {
  it('puts one source above all others, of texts', async () => {
    const sources = openSources(['overrides: {b: "\\\\${x}", a: 1, list: [p, q]}', 'git.uri: file:///a'], { 'file:///a': tree() })
    const { propertySources } = await sources.source.find(requestOf('/shop/dev'))
    expect(propertySources.map(({ name }) => name)).to.deep.equal(['overrides', 'file:///a/shop.yml'])
    const values = [...(propertySources[0]?.properties ?? [])].map(([key, { value, origin }]) => [key, value, origin])
    expect(values).to.have.deep.members([
      ['b', '${x}', { kind: 'text', text: 'Config server overrides' }],
      ['a', '1', { kind: 'text', text: 'Config server overrides' }],
      ['list.0', 'p', { kind: 'text', text: 'Config server overrides' }],
      ['list.1', 'q', { kind: 'text', text: 'Config server overrides' }],
    ])
  })
})

describe('createNativeSource', () => {
  const files = {
    'shop.yml': 'k: 1',
    'v1/shop.yml': 'k: 2',
    'a/shop.yml': 'k: 3',
    'b/shop.yml': 'k: 4',
    'shop/shop.yml': 'k: 5',
    'master/shop.yml': 'k: 6',
  }
  const rows: readonly (readonly [string, string, string])[] = [
    ['native.search-locations: "file:/cfg"', '/shop/dev/v1', 'file:/cfg/v1/shop.yml file:/cfg/shop.yml'],
    ['native.search-locations: "file:/cfg"', '/shop/dev', 'file:/cfg/master/shop.yml file:/cfg/shop.yml'],
    ['native.search-locations: "file:/cfg"', '/shop/dev/none', 'file:/cfg/shop.yml'],
    ['native.search-locations: "file:/cfg"', '/shop/dev/a,b', 'file:/cfg/a/shop.yml file:/cfg/b/shop.yml file:/cfg/shop.yml'],
    ['native: {search-locations: "file:/cfg", add-label-locations: false}', '/shop/dev/v1', 'file:/cfg/shop.yml'],
    ['native: {search-locations: "file:/cfg", default-label: v1}', '/shop/dev', 'file:/cfg/v1/shop.yml file:/cfg/shop.yml'],
    ['native.search-locations: "file:/cfg/,file:/cfg/{application}"', '/shop/dev/x', 'file:/cfg/shop/shop.yml file:/cfg/shop.yml'],
    ['native.search-locations: "file:/cfg/{label}"', '/shop/dev/v1', 'file:/cfg/v1/shop.yml'],
    ['native.search-locations: "file:/cfg/a"', '/shop/dev/../b', 'file:/cfg/a/shop.yml'],
  ]
  for (const [settings, ask, expected] of rows) {
    it(`finds with ${settings} for ${ask} [${expected}]`, async () => {
      const sources = openSources([settings], {
        '/cfg': openMemoryTree({ '': files }),
        '/cfg/a': openMemoryTree({ '': { 'shop.yml': 'k: 3' } }),
      })
      expect(await sources.ask(ask)).to.equal(expected)
    })
  }

  it('asks for a new snapshot where what was listed is gone', async () => {
    const native = openMemoryTree({ '': files })
    let left = 3
    const flaky = {
      ...native,
      read: async (...args: Parameters<typeof native.read>) => {
        left -= 1
        if (left >= 0) throw new ServerError('snapshot-gone', 'gone')
        return native.read(...args)
      },
    }
    expect(await openSources(['native.search-locations: "file:/cfg"'], { '/cfg': flaky }).ask('/shop/dev/x')).to.equal('file:/cfg/shop.yml')
  })
})

describe('createMemo', () => {
  it('builds once for all who ask at the same time, and remembers errors of content only', async () => {
    const memo = createMemo<object>({ maxBytes: 10_000, weigh: () => 1 })
    let built = 0
    const build = async (): Promise<object> => ({ built: ++built })
    expect(new Set(await Promise.all([memo.get('k', build), memo.get('k', build), memo.get('k', build)])).size).to.equal(1)
    for (const [code, times] of [
      ['unreadable-file', 1],
      ['repository-failed', 2],
    ] as const) {
      let tried = 0
      const failing = async (): Promise<object> => {
        tried += 1
        throw new ServerError(code, 'x')
      }
      for (const _ of [1, 2]) expect(await memo.get(code, failing).catch((error: ServerError) => error.code)).to.equal(code)
      expect(tried, code).to.equal(times)
    }
  })
})

describe('createTakeUps', () => {
  it('gives whole seconds that only grow where a label moves, back and forth', () => {
    const takeUps = createTakeUps({ now: () => 5_700 })
    expect([
      takeUps.since('main', 'a'),
      takeUps.since('main', 'a'),
      takeUps.since('main', 'b'),
      takeUps.since('main', 'a'),
      takeUps.since('other', 'a'),
    ]).to.deep.equal([5_000, 5_000, 6_000, 7_000, 5_000])
  })
})
