import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Answered, ask as askPort, clearServing, newFolder, serve, start } from '../http/serving.js'
import { write } from '../trees/repositories.js'

interface Source {
  readonly name: string
  readonly source: Readonly<Record<string, unknown>>
}
const sourcesOf = ({ text }: Answered) => (JSON.parse(text) as { propertySources: readonly Source[] }).propertySources

describe("Spring's issues: names of sources, profiles and keys", () => {
  afterEach(clearServing)

  it("#714: profiles of the server's own environment do not get into answers", async () => {
    const folder = newFolder()
    write(join(folder, 'cfg'), { 'shop.yml': 'from: base\n', 'shop-native.yml': 'from: server\n', 'shop-cloud.yml': 'from: server\n' })
    const yml = `spring.cloud.config.server.native.search-locations: file://${folder}/cfg`
    const server = await start(yml, folder, { 'spring.profiles.active': 'native,cloud' })
    try {
      const answer = await askPort(Number(new URL(server.url).port), '/shop/prod')
      expect(sourcesOf(answer).map(({ source }) => source)).to.deep.equal([{ from: 'base' }])
    } finally {
      await server.close()
    }
  })

  it('#2035, #1351: a relative location, dots in it, and a file of Windows lines are found and named alike', async () => {
    const folder = newFolder()
    write(join(folder, 'a/cfg'), { 'shop.yml': 'from: a\r\n', 'shop-dev.properties': 'path=C:\\\\config\\\\app\r\n' })
    const yml = 'spring.cloud.config.server.native.search-locations: ./a/../a/cfg'
    const server = await start(yml, folder, { 'spring.profiles.active': 'native' })
    try {
      const port = Number(new URL(server.url).port)
      const sources = sourcesOf(await askPort(port, '/shop/dev'))
      expect(sources.map(({ name }) => name)).to.deep.equal(['file:a/cfg/shop-dev.properties', 'file:a/cfg/shop.yml'])
      expect(sources.map(({ source }) => source)).to.deep.equal([{ path: 'C:\\config\\app' }, { from: 'a' }])
      expect((await askPort(port, '/shop/dev/main/shop.yml')).text).to.equal('from: a\r\n')
    } finally {
      await server.close()
    }
  })

  it('#1761, #1770, #1778, #3180: documents of one file have names of their own, and what two backends find alike is there once', async () => {
    const files = { 'shop.yml': 'a: 1\n---\nb: 2\n---\nspring.config.activate.on-profile: dev\nc: 3\n', 'sub/shop.yml': 'd: 4\n' }
    const backends = ['{type: git, uri: "file://{repo}", search-paths: sub}', '{type: git, uri: "file://{repo}"}']
    const { ask } = await serve({
      files,
      settings: ['composite:', ...backends.map((backend) => `  - ${backend}`)],
      flags: { 'spring.profiles.active': 'composite' },
    })
    const sources = sourcesOf(await ask('/shop/dev'))
    expect(new Set(sources.map(({ name }) => name)).size).to.equal(sources.length)
    expect(sources.map(({ source }) => Object.keys(source).at(-1))).to.deep.equal(['d', 'c', 'b', 'a'])
  })

  it('a path that repeats name, profile and label is read segment by segment', async () => {
    const { ask } = await serve({ files: { 'shop/dev/main/f.txt': 'deep', 'a;b.txt': 'semicolon', 'f.txt': 'top' } })
    expect((await ask('/shop/dev/main/shop/dev/main/f.txt')).text).to.equal('deep')
    expect((await ask('/shop/dev/main/a%3Bb.txt')).text).to.equal('semicolon')
    expect((await ask('/main/main/main/f.txt')).text).to.equal('top')
  })

  it('charsets in a list, browsers, .git and links are what they are taken for', async () => {
    const server = await serve({ files: { 'f.txt': new Uint8Array([0xfc, 0x0a]), 'shop.yml': 'a: 1\n' } })
    symlinkSync('/etc/hostname', join(server.repository, 'out.txt'))
    const linked = server.commit({})
    await server.seen(linked)
    const listed = await server.ask('/shop/dev/main/f.txt', { headers: { 'accept-charset': 'nosuch, iso-8859-1;q=0.5' } })
    expect([listed.status, listed.text]).to.deep.equal([200, 'ü\n'])
    const browser = await server.ask('/shop/dev/main/shop.yml', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    expect(browser.headers['content-type']).to.match(/^text\/plain/)
    for (const path of ['.git/config', '.git/HEAD', 'out.txt'])
      expect((await server.ask(`/shop/dev/main/${path}`)).status, path).to.equal(404)
  })

  it('#2400, #1595, #2197, #2238, #2327, #317, #360, #935, #2134: the environment has each bracketed key for itself, where a merged text has groups as Spring writes them', async () => {
    const files = { 'shop.yml': 'm: {"[a.b]": 1, "[c]": 2, 7: x}\n', 'shop-p.yml': 'm: {"[c]": 9}\n' }
    const { ask } = await serve({ files })
    const [strong, weak] = sourcesOf(await ask('/shop/p'))
    expect([strong?.source, weak?.source]).to.deep.equal([{ 'm[c]': 9 }, { 'm[a.b]': 1, 'm[c]': 2, 'm[7]': 'x' }])
    expect((await ask('/shop-default.properties')).text.split('\n')).to.include('m[a.b]: 1')
  })
})
