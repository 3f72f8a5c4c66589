import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { openRemote, type RemoteOptions } from '../../../client/src/remote/open.js'
import type { Question } from '../../../client/src/remote/remote.js'
import { canary } from '../../../scripts/canary.mjs'
import { always, answering, closeAll, documentOf, environment, errorOf, remoteOf, sendJson, valuesOf } from './answering.js'

const SECRET = canary('password')

const V2 = 'application/vnd.spring-cloud.config-server.v2+json'
const COMMIT = 'a'.repeat(40)
const { signal } = new AbortController()
const version = { commit: COMMIT, label: '', digest: 'd'.repeat(64) }

describe('a question', () => {
  afterEach(closeAll)

  /** The request that a question becomes. */
  async function requestOf(
    options: Partial<RemoteOptions> & { readonly path?: string },
    question: Partial<Question> = {},
  ): Promise<IncomingMessage> {
    const { path = '', ...more } = options
    const { url, requests } = await answering(always(environment({})))
    await documentOf(remoteOf({ servers: [url + path], ...more }), question)
    return requests[0]!
  }

  const paths: readonly (readonly [string, Partial<RemoteOptions> & { readonly path?: string }, string])[] = [
    ['names, profiles and no label', { names: ['orders'], profiles: ['prod'] }, '/orders/prod'],
    ['several of them', { names: ['shared', 'orders'], profiles: ['prod', 'eu'] }, '/shared,orders/prod,eu'],
    ['defaults', { names: [], profiles: [], labels: [] }, '/application/default'],
    ['nothing at all', { names: undefined, profiles: undefined }, '/application/default'],
    ['a label', { labels: ['v1.2'] }, '/orders/prod/v1.2'],
    ['a label with slashes', { labels: ['feature/a/b'] }, '/orders/prod/feature(_)a(_)b'],
    ['a name with a slash', { names: ['shop/orders'] }, '/shop(_)orders/prod'],
    [
      'characters that mean something in a uri',
      { names: ['a b?#%'], profiles: ['ü;x'], labels: ['&='] },
      '/a%20b%3F%23%25/%C3%BC%3Bx/%26%3D',
    ],
    ['a path before it', { path: '/config/' }, '/config/orders/prod'],
    ['a path of two segments', { path: '/a/b' }, '/a/b/orders/prod'],
  ]
  for (const [what, options, expected] of paths) {
    it(`asks for ${what}: ${expected}`, async () => expect((await requestOf(options)).url).to.equal(expected))
  }

  const unaskable: readonly (readonly [string, Partial<RemoteOptions>])[] = [
    ["'..' cannot be", { names: ['..'] }],
    ["'.' cannot be", { labels: ['.'] }],
    ['half a character', { names: ['\uD800'] }],
    ["'localhost:8888' is no uri of a server", { servers: ['localhost:8888'] }],
    ["'ftp://host' is no uri", { servers: ['ftp://host'] }],
    ["'http://host/?***' is no uri", { servers: [`http://host/?token=${SECRET}`] }],
    ["'http://***@host:x' is no uri", { servers: [`http://admin:${SECRET}@host:x`] }],
    ["'***@host' is no uri", { servers: [`admin:${SECRET}@host`] }],
    ["'http://***@host' is no uri", { servers: ['http://admin:hunt/er2@host'] }],
    ['`uri` is an empty list', { servers: [] }],
    ['the certificates or the key cannot be used', { tls: { ca: SECRET } }],
    ['the certificates or the key cannot be used', { tls: { cert: Buffer.from(SECRET) } }],
    ["headers: 'a b' cannot be sent", { headers: { 'a b': '1' } }],
    ["headers: 'x-token' cannot be sent", { headers: { 'x-token': `${SECRET}\r\nhost: x` } }],
    ['auth.bearer cannot be sent', { auth: { bearer: `${SECRET}\n` } }],
    ['Both `auth` and `headers`', { auth: { bearer: SECRET }, headers: { Authorization: SECRET } }],
  ]
  for (const [message, options] of unaskable) {
    it(`is not asked with options that cannot be meant: ${message}`, () => {
      expect(() => openRemote({ servers: ['http://localhost'], ...options }))
        .to.throw(message)
        .that.includes({ code: 'bad-options' })
        .and.satisfies(({ stack }: Error) => !/hunt.?er2|admin/.test(String(stack)))
    })
  }

  it('prefers values with origins, and takes the plain ones of an old server', async () => {
    expect((await requestOf({})).headers.accept).to.equal(`${V2}, application/json;q=0.9`)
    const old = await answering(always(environment({ a: 1 }), { headers: { 'content-type': 'application/json;charset=UTF-8' } }))
    expect(valuesOf(await documentOf(remoteOf({ servers: [old.url] })))).to.deep.equal({ a: 1 })
  })

  it('sends what it is told to send', async () => {
    for (const options of [{}, { fetch }]) {
      const { headers } = await requestOf({ headers: { 'X-Config-Token': 'vault', Accept: 'text/html' }, ...options })
      expect(headers)
        .to.include({ 'x-config-token': 'vault', accept: `${V2}, application/json;q=0.9` })
        .and.not.to.have.property('authorization')
    }
  })

  it('names commits by their full ids only, each once, the last 64', async () => {
    const many = Array.from({ length: 70 }, (_, index) => index.toString(16).padStart(40, '0'))
    const told = [...many, 'abc', COMMIT.toUpperCase(), 'f'.repeat(64), '', 'a,b', COMMIT, COMMIT]
    const { headers } = await requestOf({}, { atLeast: told })
    expect(headers['x-carillon-at-least']).to.equal([...many.slice(8), 'f'.repeat(64), COMMIT].join(','))
    expect((await requestOf({}, { atLeast: ['none'] })).headers).not.to.have.property('x-carillon-at-least')
  })

  it('asks for a gzipped body, and reads it', async () => {
    const { url, requests } = await answering((_, response) => {
      response.writeHead(200, { 'content-type': V2, 'content-encoding': 'gzip' }).end(gzipSync(environment({ a: 'ü'.repeat(100_000) })))
    })
    expect(valuesOf(await documentOf(remoteOf({ servers: [url] })))).to.deep.equal({ a: 'ü'.repeat(100_000) })
    expect(requests[0]?.headers['accept-encoding']).to.equal('gzip')
  })

  it('keeps its connection', async () => {
    const server = await answering((request, response) => {
      if (request.headers['if-none-match'] !== undefined) return response.writeHead(304).end()
      sendJson(response, environment({}))
    })
    const remote = remoteOf({ servers: [server.url] })
    for (let asked = 0; asked < 3; asked++) {
      await documentOf(remote)
      await remote.ask({ signal, known: { validator: 'W/"v"', version } })
      // A connection is free again in the turn after its answer.
      await new Promise(setImmediate)
    }
    expect([server.requests.length, server.connections()]).to.deep.equal([6, 1])
  })

  it('takes a new connection where the server closed the kept one just then', async () => {
    let cut = false
    const server = await answering((request, response) => {
      if (cut) {
        cut = false
        request.socket.destroy()
      } else sendJson(response, environment({}))
    })
    const remote = remoteOf({ servers: [server.url] })
    await documentOf(remote)
    cut = true
    await documentOf(remote)
    expect([server.requests.length, server.connections()]).to.deep.equal([3, 2])
  })

  describe('about what is known', () => {
    const known = { validator: 'W/"v"', version }

    /** What is heard from a server that answers 304 to whoever has a validator, and else a document. */
    async function heard(
      headers: Readonly<Record<string, string>>,
      question: Partial<Question> = {},
      options: Partial<RemoteOptions> = {},
    ) {
      const server = await answering((request, response) => {
        if (request.headers['if-none-match'] === 'W/"v"') return response.writeHead(304, headers).end()
        sendJson(response, environment({ a: 1 }), { headers: { ...headers, etag: 'W/"w"' } })
      })
      const reply = await remoteOf({ servers: [server.url], ...options }).ask({ signal, known, ...question })
      return { reply, requests: server.requests.length }
    }

    it('hears that nothing changed, and where the server stands now', async () => {
      expect((await heard({})).reply).to.deep.equal({ kind: 'unchanged', version })
      expect((await heard({ 'x-carillon-commit': 'b'.repeat(40), 'x-carillon-digest': version.digest })).reply).to.deep.equal({
        kind: 'unchanged',
        version: { ...version, commit: 'b'.repeat(40) },
      })
    })

    it('asks for the body where a 304 comes with another digest', async () => {
      const { reply, requests } = await heard({ 'x-carillon-digest': 'e'.repeat(64) })
      expect(reply).to.have.nested.property('document.version.digest', 'e'.repeat(64))
      expect(requests).to.equal(2)
    })

    it('takes a digest that is none for none', async () => {
      expect((await heard({ 'x-carillon-digest': 'latest' })).reply).to.deep.equal({ kind: 'unchanged', version })
      const { reply } = await heard({ 'x-carillon-digest': 'latest' }, { known: undefined })
      expect(reply)
        .to.have.nested.property('document.version.digest')
        .that.matches(/^[0-9a-f]{64}$/)
    })

    it('has nothing to do with another label', async () => {
      expect((await heard({}, {}, { labels: ['other'] })).reply).to.have.nested.property('document.validator', 'W/"w"')
    })

    it('takes a body for what it is, even if the server gives it the digest that is known', async () => {
      const { reply } = await heard({ 'x-carillon-digest': version.digest }, { known: { version } })
      expect(reply).to.have.property('kind', 'document')
    })

    it('refuses a 304 to a question without a validator', async () => {
      const { url } = await answering((_, response) => response.writeHead(304).end())
      const error = await errorOf(remoteOf({ servers: [url] }).ask({ signal, known: { version } }))
      expect(error).to.include({ code: 'bad-response' })
      expect(error.message).to.include('304: expected 200')
    })
  })

  describe('about several labels', () => {
    const has = (...labels: readonly string[]) =>
      answering((request, response) => {
        const label = request.url?.split('/')[3] ?? ''
        if (labels.includes(label)) sendJson(response, environment({ label }))
        else sendJson(response, '{"message":"No such label"}', { status: 404 })
      })

    it('takes the first that the server has', async () => {
      const server = await has('b', 'c')
      const document = await documentOf(remoteOf({ servers: [server.url], labels: ['a', ' b', 'c'] }))
      expect([valuesOf(document), document.version.label]).to.deep.equal([{ label: 'b' }, 'b'])
      expect(server.requests.map(({ url }) => url)).to.deep.equal(['/orders/prod/a', '/orders/prod/b'])
    })

    it('asks all servers for the first before any for the second', async () => {
      const [stale, fresh] = [await has('main'), await has('main', 'feature')]
      const document = await documentOf(remoteOf({ servers: [stale.url, fresh.url], labels: ['feature', 'main'] }))
      expect(document.version.label).to.equal('feature')
    })

    it('goes to the second only where the first is not found', async () => {
      const failing = await answering((request, response) => {
        const status = request.url?.endsWith('/a') ? 500 : 200
        sendJson(response, environment({}), { status })
      })
      const error = await errorOf(documentOf(remoteOf({ servers: [failing.url], labels: ['a', 'b'] })))
      expect(error.code).to.equal('bad-response')
      expect(failing.requests).to.have.lengthOf(1)
    })

    it('says of all of them that they were not found', async () => {
      const { url } = await has()
      const error = await errorOf(documentOf(remoteOf({ servers: [url], labels: ['a', 'b'] })))
      expect(error.code).to.equal('not-found')
      expect(error.message).to.equal(
        `No server has the configuration of orders/prod/a,b:\n  ${url}: 404: No such label\n  ${url}: 404: No such label`,
      )
    })
  })
})
