import { expect } from 'chai'
import type { ServerError } from '../../../server/src/errors.js'
import { openMemoryTree } from '../../tools/memory-tree.js'
import { openSources, requestOf } from './opening.js'

describe('createGitSource', () => {
  const files = {
    'shop.yml': 'k: 1',
    'shop/shop.yml': 'k: 2',
    'dev/shop.yml': 'k: 3',
    'conf-b/shop.yml': 'k: 4',
    'conf-a/shop.yml': 'k: 5',
    'deep/er/shop.yml': 'k: 6',
    'q?/shop.yml': 'k: 7',
    'v1/shop.yml': 'k: 8',
  }
  const rows: readonly (readonly [string, string, string])[] = [
    ['[]', '/shop/dev', 'u/shop.yml'],
    ['["/"]', '/shop/dev', 'u/shop.yml'],
    ['["{application}"]', '/shop/dev', 'u/shop/shop.yml u/shop.yml'],
    ['["{profile}"]', '/shop/dev', 'u/dev/shop.yml u/shop.yml'],
    ['["conf-*"]', '/shop/dev', 'u/conf-b/shop.yml u/conf-a/shop.yml u/shop.yml'],
    ['["conf-b", "conf-*"]', '/shop/dev', 'u/conf-a/shop.yml u/conf-b/shop.yml u/shop.yml'],
    ['["deep/**"]', '/shop/dev', 'u/deep/er/shop.yml u/shop.yml'],
    ['["**/er"]', '/shop/dev', 'u/deep/er/shop.yml u/shop.yml'],
    ['["q?"]', '/shop/dev', 'u/q?/shop.yml u/shop.yml'],
    ['["con?-a"]', '/shop/dev', 'u/shop.yml'],
    ['["nowhere", "../x", "dev/../shop"]', '/shop/dev', 'u/shop.yml'],
    ['["{label}"]', '/shop/dev/v1', 'u/v1/shop.yml u/shop.yml'],
    ['["{application}/{profile}"]', '/a,b/p,q', ''],
  ]
  for (const [paths, ask, expected] of rows) {
    it(`finds with search paths ${paths} for ${ask} [${expected}]`, async () => {
      const sources = openSources([`git: {uri: "file:///u", search-paths: ${paths}}`], {
        'file:///u': openMemoryTree({ main: files, v1: files }),
      })
      expect((await sources.ask(ask)).replaceAll('file:///u', 'u')).to.equal(expected)
    })
  }

  it('puts the last label of a list first, and versions in the order of the request', async () => {
    const tree = openMemoryTree({ a: { 'shop.yml': 'k: 1' }, b: { 'shop.yml': 'k: 2' } })
    const { source } = openSources(['git.uri: file:///u'], { 'file:///u': tree })
    const found = await source.find(requestOf('/shop/dev/a,b,, '))
    expect(found.version).to.equal(`${tree.current('a')},${tree.current('b')}`)
    expect(found.propertySources.map(({ properties }) => properties.get('k')?.value)).to.deep.equal([2n, 1n])
  })

  for (const [settings, ask, expected] of [
    ['git.uri: file:///u', '/shop/dev/a,no', 'no-such-label'],
    ['git: {uri: "file:///u", continue-on-multiple-label-failure: true}', '/shop/dev/a,no', 'file:///u/shop.yml'],
    ['git: {uri: "file:///u", continue-on-multiple-label-failure: true}', '/shop/dev/no,neither', 'no-such-label'],
    ['git: {uri: "file:///u", continue-on-multiple-label-failure: true}', '/shop/dev/no', 'no-such-label'],
    ['git.uri: file:///u', '/shop/dev', 'file:///u/shop.yml'],
    ['git.uri: file:///u', '/shop/dev/main', 'file:///u/shop.yml'],
    ['git: {uri: "file:///u", try-master-branch: false}', '/shop/dev', 'no-such-label'],
    ['git: {uri: "file:///u", default-label: trunk}', '/shop/dev', 'no-such-label'],
    ['git: {uri: "file:///u", default-label: a}', '/shop/dev', 'file:///u/shop.yml'],
  ] as const) {
    it(`answers ${ask} with ${settings} by ${expected}`, async () => {
      const tree = openMemoryTree({ a: { 'shop.yml': 'k: 1' }, master: { 'shop.yml': 'k: 2' } })
      expect(await openSources([settings], { 'file:///u': tree }).ask(ask)).to.equal(expected)
    })
  }

  it('keeps an answer only while its label stays, a preferred one does not appear, and nothing fails', async () => {
    const tree = openMemoryTree({ master: { 'shop.yml': 'k: 1' } })
    const { source } = openSources(['git.uri: file:///u'], { 'file:///u': tree })
    const isCurrent = async (): Promise<() => boolean> => {
      const { pins } = await source.find(requestOf('/shop/dev'))
      return () => pins.every((pin) => pin.isCurrent())
    }
    const first = await isCurrent()
    expect(first()).to.equal(true)
    tree.move('main', { 'shop.yml': 'k: 2' })
    expect(first()).to.equal(false)
    const second = await isCurrent()
    tree.move('main')
    expect(second()).to.equal(false)
    const third = await isCurrent()
    tree.fail(new Error('gone'))
    expect(third()).to.equal(false)
  })

  it('does not keep what master answers where nobody looks whether main appears', async () => {
    const tree = openMemoryTree({ release: { 'shop.yml': 'k: 1' }, master: { 'shop.yml': 'k: 2' } })
    const { source } = openSources(['git: {uri: "file:///u", default-label: release}'], { 'file:///u': tree })
    const isKept = async (path: string) => (await source.find(requestOf(path))).pins.every((pin) => pin.isCurrent())
    expect([await isKept('/shop/dev/main'), await isKept('/shop/dev/master'), await isKept('/shop/dev')]).to.deep.equal([false, true, true])
  })

  it('keeps no answer, and knows of no bad file, of repositories that gave way to others', async () => {
    const names = ['good', 'bad', ...Array.from({ length: 200 }, (_, index) => `${index}`)]
    const trees = names.map((name) => [`file:///${name}`, openMemoryTree({ main: { 'application.yml': 'k: 1' } })] as const)
    trees[1]?.[1].move('main', { 'application.yml': '[' })
    const { source, badFiles } = openSources(['git.uri: "file:///{application}"'], Object.fromEntries(trees))
    const find = async (name = '') => (await source.find({ applications: [name], profiles: ['dev'] })).pins
    const [pin] = await find('good')
    await find('bad')
    expect([pin?.isCurrent(), (await badFiles.all()).length]).to.deep.equal([true, 1])
    for (const other of names.slice(2)) await find(other)
    expect([pin?.isCurrent(), (await badFiles.all()).length]).to.deep.equal([false, 0])
  })

  it('does not keep an answer that lacks a label of its list', async () => {
    const tree = openMemoryTree({ a: { 'shop.yml': 'k: 1' } })
    const { source } = openSources(['git: {uri: "file:///u", continue-on-multiple-label-failure: true}'], { 'file:///u': tree })
    const { pins, version } = await source.find(requestOf('/shop/dev/a,b'))
    expect([pins.every((pin) => pin.isCurrent()), version]).to.deep.equal([false, tree.current('a')])
    tree.move('b', { 'shop.yml': 'k: 2' })
    expect((await source.find(requestOf('/shop/dev/a,b'))).propertySources).to.have.length(2)
  })

  it('parses a file once for each content', async () => {
    const tree = openMemoryTree({ main: { 'shop.yml': 'k: 1' } })
    const { source } = openSources(['git.uri: file:///u'], { 'file:///u': tree })
    const [first, second] = [await source.find(requestOf('/shop/dev')), await source.find(requestOf('/shop/dev'))]
    expect(second.propertySources[0]).to.equal(first.propertySources[0])
    tree.move('main', { 'shop.yml': 'k: 1', 'other.yml': 'k: 2' })
    const third = await source.find(requestOf('/shop/dev'))
    expect(third.propertySources[0]?.properties).to.equal(first.propertySources[0]?.properties)
  })

  it('never shows credentials of the address', async () => {
    const address = 'https://ada:secret@host/cfg.git'
    const sources = openSources([`git.uri: "${address}"`], { [address]: openMemoryTree({ main: { 'shop.yml': 'k: 1\n---\nl: 2' } }) })
    expect(await sources.ask('/shop/dev'))
      .to.contain('https://host/cfg.git/')
      .and.not.to.contain('secret')
    const error = await sources.source.find(requestOf('/shop/dev/no')).catch((failure: Error) => failure.message)
    expect(error).not.to.contain('secret')
  })

  it('shows the user of an ssh address, who belongs to it, and no password', async () => {
    const address = 'ssh://git:secret@host/cfg.git'
    const sources = openSources([`git.uri: "${address}"`], { [address]: openMemoryTree({ main: { 'shop.yml': 'k: 1' } }) })
    expect(await sources.ask('/shop/dev'))
      .to.contain('ssh://git@host/cfg.git/')
      .and.not.to.contain('secret')
  })

  for (const [labels, label, proposal] of [
    [['main', 'maintenance', 'v1'], 'mian', " Did you mean 'main'?"],
    [['main', 'v1.0', 'v1.1', 'v1.2', 'v2.1'], 'v1.3', " Did you mean 'v1.0' or 'v1.1' or 'v1.2'?"],
    [['Release/1.2', 'main', 'next', 'old'], 'release-1.2', " Did you mean 'Release/1.2'?"],
    [
      ['trunk', 'v1'],
      'main',
      " It has only 'trunk' and 'v1'. 'main' is the default label; spring.cloud.config.server.git.default-label names another.",
    ],
    [['trunk', 'v1', 'v2', 'v3'], 'nowhere', ''],
    [[], 'x', ' It has neither branches nor tags.'],
  ] as const) {
    it(`proposes for ${label} what ${labels.join(' ') || 'an empty repository'} has`, async () => {
      const tree = openMemoryTree(Object.fromEntries(labels.map((name) => [name, {}])))
      const { source } = openSources(['git.uri: file:///u'], { 'file:///u': tree })
      const message = await source.find(requestOf(`/shop/dev/${label}`)).catch((failure: Error) => failure.message)
      expect(message).to.equal(`No such label: file:///u has no branch, tag or commit '${label}'.${proposal}`)
    })
  }

  it('finds plain files by profile in the order of the request, weakest location first', async () => {
    const tree = openMemoryTree({
      main: { 'n.conf': '0', 'n-a.conf': '1', 'n-b.conf': '2', 'sub/n-a.conf': '3', 'sub/m.conf': '4', dotless: '5' },
    })
    const finder = (settings: readonly string[]) => {
      const { source } = openSources(settings, { 'file:///u': tree })
      return async (profiles: string, path: string) => (await source.findFile(requestOf(`/shop/${profiles}`), path))?.path
    }
    const listed = finder(['git: {uri: "file:///u", search-paths: [sub]}'])
    for (const [profiles, path, expected] of [
      ['a', 'n.conf', 'n-a.conf'],
      ['b,a', 'n.conf', 'n-b.conf'],
      ['default,a', 'n.conf', 'n.conf'],
      ['x', 'n.conf', 'n.conf'],
      ['x', 'm.conf', 'sub/m.conf'],
      ['a', 'sub/n.conf', 'sub/n-a.conf'],
      ['a', 'dotless', 'dotless'],
      ['a', 'none', undefined],
    ] as const) {
      expect(await listed(profiles, path), `${profiles} ${path}`).to.equal(expected)
    }
    expect(await finder(['reverse-location-order: true', 'git: {uri: "file:///u", search-paths: [sub]}'])('a', 'n.conf')).to.equal(
      'sub/n-a.conf',
    )
  })

  it('keeps two backends apart that read other folders of one repository', async () => {
    const tree = openMemoryTree({ main: { 'a/shop.yml': 'k: 1', 'b/shop.yml': 'k: 2' } })
    const settings = [
      'composite:',
      '  - {type: git, uri: "file:///u", search-paths: [a]}',
      '  - {type: git, uri: "file:///u", search-paths: [b]}',
    ]
    expect(await openSources(settings, { 'file:///u': tree }).ask('/shop/dev')).to.equal('file:///u/a/shop.yml file:///u/b/shop.yml')
  })

  describe('an address with placeholders', () => {
    const settings = ['git.uri: "file:///base/{application}"']

    it('opens one repository for each application, once', async () => {
      const sources = openSources(settings, { 'file:///base/shop': openMemoryTree({ main: { 'shop.yml': 'k: 1' } }) })
      expect(await sources.ask('/shop/dev')).to.equal('file:///base/shop/shop.yml')
      expect(await sources.ask('/shop/prod')).to.equal('file:///base/shop/shop.yml')
      expect(sources.opened).to.deep.equal(['file:///base/shop'])
    })

    it('says that one which is not there is not there', async () => {
      expect(await openSources(settings, {}).ask('/other/dev')).to.equal('no-such-repository')
    })

    it('never leads out of its place', async () => {
      const sources = openSources(settings, {})
      const hidden = ['.\t./x', '.\n.', '%2e%2e/x', '%2e./x', 'x?%', 'x#', '.', 'a/./x', 'x\0']
      for (const application of ['..', '../x', 'a/../../x', 'a\\..\\x', ...hidden]) {
        const asked = await askFor(sources.source, application)
        expect(asked, application).to.equal('invalid-request')
      }
      expect(sources.opened).to.deep.equal([])
    })

    for (const [uri, application, expected] of [
      ['git@host:{application}.git', 'team/shop', 'git@host:team/shop.git'],
      ['{application}', 'https://evil.org/r', 'invalid-request'],
      ['/base/./{application}/r.git', 'team/shop:1@2', '/base/./team/shop:1@2/r.git'],
      ['/base/{application}/{profile}', '{profile}', '/base/{profile}/dev'],
    ] as const) {
      it(`takes ${application} in ${uri} for ${expected}`, async () => {
        const sources = openSources([`git.uri: "${uri}"`], {})
        const asked = await askFor(sources.source, application)
        expect(sources.opened[0] ?? asked).to.equal(expected)
      })
    }

    it('#1480, #1028, #470: takes all profiles for one text, and the default label where there is none', async () => {
      const sources = openSources(['git.uri: "file:///base/{profile}/{label}/"'], {})
      await sources.ask('/shop/a,b')
      await sources.ask('/shop/a/v1')
      expect(sources.opened).to.deep.equal(['file:///base/a,b/main', 'file:///base/a/v1'].map((uri) => `${uri}/`))
    })
  })
})

async function askFor(
  source: { find: (request: { applications: string[]; profiles: string[] }) => Promise<unknown> },
  application: string,
): Promise<string> {
  try {
    await source.find({ applications: [application], profiles: ['dev'] })
    return 'no problem'
  } catch (error) {
    return (error as ServerError).code
  }
}
