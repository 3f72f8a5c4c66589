import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { commit, eventually, makeRepository, write } from '../trees/repositories.js'
import { ask, clearServing, newFolder, type Serving, serve, start } from './serving.js'

const V2 = 'application/vnd.spring-cloud.config-server.v2+json'
const LONG = Array.from({ length: 200 }, (_, index) => `key${index}: value number ${index} ü`).join('\n')

describe('createApp: validators', () => {
  let server: Serving
  beforeEach(async () => {
    server = await serve({
      files: {
        'shop.yml': 'a: 1\n',
        'long.yml': LONG,
        'shop/nginx.conf': 'port ${a};\n',
        'x.bin': new Uint8Array([0, 255, 1]),
        'n.txt': 'n',
      },
      settings: ['git: {uri: "file://{repo}", search-paths: ["{application}"]}'],
    })
  })
  afterEach(clearServing)

  const moved = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const commit = server.commit(files)
    await eventually(
      () => server.ask('/shop/dev'),
      ({ headers }) => headers['x-carillon-commit'] === commit,
      3000,
    )
    return commit
  }

  it('gives an environment a weak tag over its meaning, another for each media type', async () => {
    const first = await server.ask('/shop/dev')
    const second = await server.ask('/shop/dev', { headers: { accept: V2 } })
    expect(first.headers.etag).to.equal(`W/"${first.headers['x-carillon-digest']}"`)
    expect(second.headers.etag).to.match(/^W\/"/).and.not.to.equal(first.headers.etag)
    expect(second.headers['x-carillon-digest']).to.equal(first.headers['x-carillon-digest'])
  })

  it('keeps that tag over a commit that changes only a comment, and says where it stands on the 304', async () => {
    const before = await server.ask('/shop/dev')
    const commit = await moved({ 'shop.yml': '# why\na: 1\n', 'other.yml': 'z: 1\n' })
    const after = await server.ask('/shop/dev', { headers: { 'if-none-match': String(before.headers.etag) } })
    expect([after.status, after.headers['x-carillon-commit'], after.text]).to.deep.equal([304, commit, ''])
    expect(after.headers['x-carillon-digest']).to.equal(before.headers['x-carillon-digest'])
    expect(after.headers).not.to.have.any.keys('content-type', 'content-encoding')
  })

  it('changes it with a value, a type, an order of sources', async () => {
    const tags = new Set<unknown>()
    const steps: readonly Readonly<Record<string, string>>[] = [
      { 'shop.yml': 'a: 2' },
      { 'shop.yml': 'a: "2"' },
      { 'shop.yml': 'a: 2.0' },
      { 'shop-dev.yml': 'a: 2.0' },
    ]
    for (const files of steps) {
      await moved(files)
      tags.add((await server.ask('/shop/dev')).headers.etag)
    }
    expect(tags.size).to.equal(steps.length)
  })

  for (const target of ['/shop-dev.yml', '/shop-dev.json', '/shop-dev.properties', '/shop/dev/main/n.txt']) {
    it(`gives ${target} a strong tag that a commit elsewhere leaves alone`, async () => {
      const before = await server.ask(target)
      expect(before.headers.etag).to.match(/^"[\w-]+"$/)
      await moved({ 'other.yml': 'z: 1\n' })
      const after = await server.ask(target, { headers: { 'if-none-match': String(before.headers.etag) } })
      expect(after.status).to.equal(304)
    })
  }

  for (const [header, matches] of [
    ['*', true],
    ['TAG', true],
    ['W/TAG', true],
    ['"x", TAG , "y"', true],
    ['"x",W/TAG', true],
    ['"x"', false],
    ['', false],
    ['garbage TAG garbage', false],
  ] as const) {
    it(`${matches ? 'takes' : 'does not take'} If-None-Match: ${header}, on both ways`, async () => {
      for (const target of ['/shop-dev.yml', '/shop/dev/main/n.txt', '/shop/dev']) {
        const tag = String((await server.ask(target)).headers.etag).replace(/^W\//, '')
        for (const way of ['first', 'again']) {
          const { status } = await server.ask(target, { headers: { 'if-none-match': header.replace('TAG', tag) } })
          expect(status, `${target} ${way}`).to.equal(matches ? 304 : 200)
        }
      }
    })
  }

  it('answers If-Modified-Since for files only, and never hides a moved label', async () => {
    const before = await server.ask('/shop/dev/main/nginx.conf')
    const since = { 'if-modified-since': String(before.headers['last-modified']) }
    expect((await server.ask('/shop/dev/main/nginx.conf', { headers: since })).status).to.equal(304)
    await moved({ 'shop.yml': 'a: 2\n' })
    const after = await server.ask('/shop/dev/main/nginx.conf', { headers: since })
    expect([after.status, after.text]).to.deep.equal([200, 'port 2;\n'])
    expect((await server.ask('/shop/dev', { headers: since })).status).to.equal(200)
    const old = { 'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' }
    expect((await server.ask('/shop/dev/main/nginx.conf', { headers: old })).status).to.equal(412)
    expect((await server.ask('/shop/dev/main/nginx.conf', { headers: { 'if-modified-since': 'yesterday' } })).status).to.equal(200)
  })

  for (const target of [
    '/shop/dev',
    '/long/dev',
    '/long-dev.json',
    '/shop/dev/main/nginx.conf',
    '/shop/dev/nowhere',
    '/nothing',
    '/actuator/health',
  ]) {
    it(`gives HEAD ${target} the headers of GET, and no body`, async () => {
      for (const way of ['first', 'again']) {
        const get = await server.ask(target)
        const head = await server.ask(target, { method: 'HEAD' })
        const comparable = ({ headers, status }: typeof get): object => ({
          ...headers,
          date: '',
          status,
          'content-length': status === 404 ? '' : headers['content-length'],
        })
        expect(comparable(head), way).to.deep.equal(comparable(get))
        expect(head.bytes.length).to.equal(0)
      }
    })
  }

  for (const [accepted, encoding, decode] of [
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['br;q=0, *', 'gzip', gunzipSync],
    ['identity', undefined, undefined],
    ['gzip;q=0', undefined, undefined],
    ['zstd', undefined, undefined],
  ] as const) {
    it(`sends ${encoding ?? 'plain bytes'} for Accept-Encoding: ${accepted}, the same text on both ways`, async () => {
      for (const target of ['/long/dev', '/long-dev.yml']) {
        const plain = await server.ask(target)
        for (const way of ['first', 'again']) {
          const answer = await server.ask(target, { headers: { 'accept-encoding': accepted } })
          expect(answer.headers['content-encoding'], way).to.equal(encoding)
          expect((decode?.(answer.bytes) ?? answer.bytes).toString('utf8')).to.equal(plain.text)
          expect(answer.headers.vary).to.equal('Accept, Accept-Encoding')
          const weak = target === '/long/dev' || encoding === undefined
          expect(answer.headers.etag === plain.headers.etag).to.equal(weak)
          const again = await server.ask(target, { headers: { 'accept-encoding': accepted, 'if-none-match': String(answer.headers.etag) } })
          expect(again.status).to.equal(304)
        }
      }
    })
  }

  it('lets caches keep everything and use nothing without asking', async () => {
    for (const target of ['/shop/dev', '/shop/dev', '/shop-dev.yml', '/shop/dev/main/n.txt', '/nothing', '/actuator/health']) {
      const { headers } = await server.ask(target)
      expect([headers['cache-control'], headers['x-content-type-options']], target).to.deep.equal(['no-cache', 'nosniff'])
    }
  })

  it('sends bytes as they are', async () => {
    const answer = await server.ask('/shop/dev/main/x.bin', { headers: { accept: 'application/octet-stream' } })
    expect([answer.status, ...answer.bytes]).to.deep.equal([200, 0, 255, 1])
    expect(answer.headers.etag).to.match(/^"/)
  })

  it('shows a commit within a second', async () => {
    await server.ask('/shop/dev')
    const commit = server.commit({ 'shop.yml': 'a: 3\n' })
    await eventually(
      () => server.ask('/shop/dev'),
      ({ headers, text }) => headers['x-carillon-commit'] === commit && text.includes(commit),
      1000,
    )
  })
})

describe('createApp: times of files', () => {
  afterEach(clearServing)

  const files = { 'plain.txt': 'plain', 'filled.txt': 'value ${x}', 'x.bin': 'value ${x}' }
  const values = (x: string) => ({ 'application.yml': `x: ${x}\n` })
  const timeIn = ({ headers }: { readonly headers: object }) => 'last-modified' in headers

  for (const [name, make, isTimed] of [
    [
      'a repository',
      (folder: string) => {
        makeRepository(join(folder, 'one'), { ...files, ...values('old') })
        return { lines: [`git.uri: file://${folder}/one`], change: () => commit(join(folder, 'one'), values('new')) }
      },
      true,
    ],
    [
      'a composite of two',
      (folder: string) => {
        makeRepository(join(folder, 'one'), files)
        makeRepository(join(folder, 'two'), values('old'))
        const lines = ['composite:', ...['one', 'two'].map((member) => `  - {type: git, uri: "file://${folder}/${member}"}`)]
        return { lines, change: () => commit(join(folder, 'two'), values('new')) }
      },
      false,
    ],
    [
      'a native folder',
      (folder: string) => {
        write(join(folder, 'one'), { ...files, ...values('old') })
        const change = () => write(join(folder, 'one'), values('new'))
        return { lines: [`native.search-locations: file:${folder}/one`], change }
      },
      false,
    ],
  ] as const) {
    it(`hide no change of the values from ${name}, and stand where nothing is filled in`, async () => {
      const folder = newFolder()
      const { lines, change } = make(folder)
      const kind = ['composite', 'native'].find((known) => lines[0]?.startsWith(known)) ?? 'git'
      const yml = [`spring.profiles.active: ${kind}`, 'spring.cloud.config.server:', ...lines.map((line) => `  ${line}`)]
      const server = await start(yml.join('\n'), folder)
      try {
        const get = (path: string, headers = {}) => ask(Number(new URL(server.url).port), `/shop/default/main/${path}`, { headers })
        const bytes = { accept: 'application/octet-stream' }
        for (const read of [get('plain.txt'), get('x.bin', bytes), get('filled.txt?resolvePlaceholders=false')])
          expect(timeIn(await read)).to.equal(true)
        const before = await get('filled.txt')
        expect([before.text, timeIn(before)]).to.deep.equal(['value old', isTimed])
        const since = before.headers['last-modified'] ?? (await get('plain.txt')).headers['last-modified']
        change()
        await eventually(
          () => get('filled.txt'),
          ({ text }) => text === 'value new',
        )
        const after = await get('filled.txt', { 'if-modified-since': String(since) })
        expect([after.status, after.text]).to.deep.equal([200, 'value new'])
      } finally {
        await server.close()
      }
    })
  }
})
