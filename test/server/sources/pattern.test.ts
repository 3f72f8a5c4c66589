import { expect } from 'chai'
import { ServerError } from '../../../server/src/errors.js'
import { openMemoryTree } from '../../tools/memory-tree.js'
import { openSources, requestOf } from './opening.js'

describe('createPatternSource', () => {
  const tree = (text = 'k: 1') => openMemoryTree({ main: { 'application.yml': text } })
  const settings = (...patterns: readonly string[]): readonly string[] => [
    'git:',
    '  uri: file:///main',
    `  repos.one: {uri: "file:///one", pattern: ${JSON.stringify(patterns)}}`,
  ]
  const rows: readonly (readonly [readonly string[], string, 'one' | 'main'])[] = [
    // spring-compat 3.6
    [['app1'], '/app1/dev', 'one'],
    [['app1'], '/app1/cloud,dev', 'one'],
    [['app1'], '/app2/dev', 'main'],
    [['*/dev'], '/app1/dev', 'one'],
    [['*/dev'], '/app1/cloud,dev', 'main'],
    [['*/dev'], '/app2/dev', 'one'],
    [['app1/dev'], '/app1/dev', 'one'],
    [['app1/dev'], '/app1/cloud,dev', 'main'],
    [['app1/dev'], '/app1/dev,cloud', 'one'],
    [['app1/dev'], '/app2/dev', 'main'],
    [['*/dev*'], '/app1/dev', 'one'],
    [['*/dev*'], '/app1/cloud,dev', 'main'],
    [['*/dev*'], '/app2/dev', 'one'],
    [['*dev*'], '/app1/cloud,dev', 'one'],
    [['*dev*'], '/app2/dev', 'one'],
    [['App1'], '/app1/dev', 'main'],
    [['x', 'app1'], '/app1/dev', 'one'],
    [['a*1'], '/app1/dev', 'one'],
    [['app.'], '/app1/dev', 'main'],
    [['app1'], '/app1,app2/dev', 'one'],
    [['app1'], '/app2,app1/dev', 'main'],
    [['*'], '/anything/at,all', 'one'],
  ]
  for (const [patterns, ask, expected] of rows) {
    it(`sends ${ask} for the pattern ${patterns.join(' ')} to ${expected}`, async () => {
      const sources = openSources(settings(...patterns), { 'file:///one': tree(), 'file:///main': tree() })
      expect(await sources.ask(ask)).to.equal(`file:///${expected}/application.yml`)
    })
  }

  const two = [
    'git:',
    '  uri: file:///main',
    '  repos:',
    '    one: {uri: "file:///one", pattern: "app*", default-label: one-label}',
    '    two: {uri: "file:///two", pattern: "app*"}',
  ]

  it('#2257: passes over what fails, and says so', async () => {
    const one = openMemoryTree({ 'one-label': { 'application.yml': 'k: [' } })
    const second = openMemoryTree({ 'one-label': { 'application.yml': 'k: 1' } })
    const sources = openSources(two, { 'file:///one': one, 'file:///two': second, 'file:///main': tree() })
    expect(await sources.ask('/app/dev')).to.equal('file:///two/application.yml')
    expect(sources.troubles).to.have.length(1)
    expect(sources.troubles[0]).to.contain("'one'")
  })

  it('does not keep the answer of another, so that a match that is mended answers the next request', async () => {
    const one = openMemoryTree({})
    const sources = openSources(settings('app1'), { 'file:///one': one, 'file:///main': tree() })
    const { pins } = await sources.source.find(requestOf('/app1/dev'))
    expect(pins.every((pin) => pin.isCurrent())).to.equal(false)
    one.move('main', { 'application.yml': 'k: 2' })
    expect(await sources.ask('/app1/dev')).to.equal('file:///one/application.yml')
    const mended = await sources.source.find(requestOf('/app1/dev'))
    expect(mended.pins.every((pin) => pin.isCurrent())).to.equal(true)
  })

  it('adopts the default label of the first that matches, for all that follow', async () => {
    const sources = openSources(two, { 'file:///one': openMemoryTree({}), 'file:///two': tree(), 'file:///main': tree() })
    expect(await sources.ask('/app/dev')).to.equal('no-such-label')
    expect(await sources.ask('/app/dev/main')).to.equal('file:///two/application.yml')
    expect(await sources.ask('/other/dev')).to.equal('file:///main/application.yml')
  })

  it('never answers from another while the first clone of a match is running', async () => {
    const one = tree()
    one.fail(new ServerError('not-ready', 'cloning'))
    const sources = openSources(settings('app1'), { 'file:///one': one, 'file:///main': tree() })
    expect(await sources.ask('/app1/dev')).to.equal('not-ready')
    const file = await sources.source.findFile(requestOf('/app1/dev'), 'application.yml').catch((error: ServerError) => error.code)
    expect(file).to.equal('not-ready')
    expect(await sources.ask('/other/dev')).to.equal('file:///main/application.yml')
  })

  it('gives no time to a file that it has because another repository failed', async () => {
    const one = tree()
    const { source } = openSources(settings('app1'), { 'file:///one': one, 'file:///main': tree() })
    const find = () => source.findFile(requestOf('/app1/dev'), 'application.yml')
    expect((await find())?.since).to.be.a('number')
    one.fail(new ServerError('repository-failed', 'away'))
    expect(await find()).not.to.have.property('since')
  })

  it('tries an address with a profile from the last profile to the first', async () => {
    const lines = ['git:', '  uri: file:///main', '  repos.one: {uri: "file:///base/{profile}", pattern: "*"}']
    const sources = openSources(lines, { 'file:///base/a': tree(), 'file:///base/b': tree(), 'file:///main': tree() })
    expect(await sources.ask('/app/a,b')).to.equal('file:///base/b/application.yml')
    expect(await sources.ask('/app/a,x')).to.equal('file:///base/a/application.yml')
    expect(await sources.ask('/app/y,x')).to.equal('file:///main/application.yml')
  })
})
