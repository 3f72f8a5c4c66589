import type { RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { openFetch } from '../../../client/src/remote/fetch.js'
import type { RemoteOptions } from '../../../client/src/remote/open.js'
import { canary } from '../../../scripts/canary.mjs'
import {
  always,
  answering,
  closeAll,
  closing,
  deadUrl,
  documentOf,
  environment,
  errorOf,
  remoteOf,
  sendJson,
  valuesOf,
} from './answering.js'

const SECRET = canary('value')
const BROKEN = `{"a":"${SECRET}`
const JSON_TYPE = { 'content-type': 'application/json' }

/** A server of bytes: what it does with a connection, once something came. */
async function raw(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

/** What comes of asking a server in trouble, with the built-in HTTP and with `fetch`. */
async function causeOf(url: string, options: Partial<RemoteOptions> = {}): Promise<string> {
  const error = await errorOf(documentOf(remoteOf({ servers: [url], ...options })))
  const [attempt] = error.attempts
  expect(error.attempts).to.have.lengthOf(1)
  expect(attempt?.uri).to.equal(url)
  expect(`${error.stack} ${JSON.stringify(error)}`).not.to.include(SECRET)
  return `${error.code}: ${attempt?.status === undefined ? '' : `${attempt.status}: `}${attempt?.cause}`
}

describe('a server in trouble', () => {
  afterEach(closeAll)

  const answers: readonly (readonly [string, RequestListener, string])[] = [
    ['says 500', always(SECRET, { status: 500 }), 'bad-response: 500: the server failed'],
    ["says 500 with Spring's message", always(`{"message":"${SECRET}"}`, { status: 500 }), 'bad-response: 500: the server failed'],
    [
      "says 500 with Carillon's message",
      always('{"code":"unreadable-file","message":"a.yml:4:1: expected\\n\\u001b ]"}', { status: 500 }),
      'bad-response: 500: a.yml:4:1: expected ]',
    ],
    ['says 400', always('', { status: 400 }), 'bad-response: 400: the server refuses the question'],
    ['says 404', always('', { status: 404 }), 'not-found: 404: not found (or, of a Spring server, its repository could not be reached)'],
    [
      'says 404 in HTML',
      always(`<html>${SECRET}`, { status: 404, headers: { 'content-type': 'text/html' } }),
      'not-found: 404: not found (or, of a Spring server, its repository could not be reached)',
    ],
    ['says 404 and why', always('{"message":"No such label"}', { status: 404 }), 'not-found: 404: No such label'],
    [
      'says 404 for a repository',
      always('{"code":"no-such-repository","message":"never reached"}', { status: 404 }),
      'bad-response: 404: never reached',
    ],
    [
      'says 404 for a repository that refuses it',
      always('{"code":"repository-refused","message":"check the password"}', { status: 404 }),
      'bad-response: 404: check the password',
    ],
    ['says 401', always('', { status: 401 }), 'unauthorized: 401: the credentials are missing or wrong'],
    ['says 403', always('', { status: 403 }), 'unauthorized: 403: the credentials do not suffice'],
    ['says 204', (_, response) => response.writeHead(204).end(), 'bad-response: 204: expected 200'],
    ['says 206', always(environment({}), { status: 206 }), 'bad-response: 206: expected 200'],
    [
      'sends HTML',
      always(`<html>${SECRET}`, { headers: { 'content-type': 'text/html; charset=utf-8' } }),
      'bad-response: 200: its body is text/html; charset=utf-8, expected application/json',
    ],
    [
      'sends no type',
      (_, response) => response.writeHead(200).end(environment({})),
      'bad-response: 200: its body is of no type, expected application/json',
    ],
    [
      'sends another JSON',
      always(`{"db":"${SECRET}"}`),
      "bad-response: 200: its body is no environment: 'propertySources' is missing, expected a list",
    ],
    [
      'sends half of it',
      always(environment({ a: SECRET }).slice(0, 70)),
      'bad-response: 200: its body of 70 characters is not JSON: it goes wrong at character 70',
    ],
    [
      'sends what is not UTF-8',
      (_, response) => response.writeHead(200, JSON_TYPE).end(Buffer.from([0x22, 0xff, 0x22])),
      'bad-response: 200: its body of 3 bytes is not UTF-8',
    ],
    [
      'refers to another server',
      always('', { status: 302, headers: { location: `https://admin:${SECRET}@other/login?token=${SECRET}` } }),
      'bad-response: 302: it refers to https://other, which is not followed: name that server in the uri',
    ],
    [
      'refers to itself',
      (request, response) => response.writeHead(307, { location: request.url }).end(),
      'bad-response: 307: it refers to itself once more, which is not followed: name that server in the uri',
    ],
    ['refers to nowhere', always('', { status: 302 }), 'bad-response: 302: expected 200'],
  ]
  for (const [what, answer, expected] of answers) {
    it(`that ${what}: ${expected}`, async () => {
      const { url } = await answering(answer)
      expect(await causeOf(url)).to.equal(expected)
      expect(await causeOf(url, { fetch })).to.equal(expected)
    })
  }

  it('takes a JSON of another name', async () => {
    const { url } = await answering(always(environment({ a: 1 }), { headers: { 'content-type': 'application/vnd.any+json' } }))
    expect(valuesOf(await documentOf(remoteOf({ servers: [url] })))).to.deep.equal({ a: 1 })
  })

  it('takes a BOM for nothing', async () => {
    const { url } = await answering(always(`\uFEFF${environment({ a: 1 })}`))
    expect(valuesOf(await documentOf(remoteOf({ servers: [url] })))).to.deep.equal({ a: 1 })
  })

  it('follows a redirect within the server', async () => {
    const { url, requests } = await answering((request, response) => {
      if (request.url === '/config/orders/prod') return sendJson(response, environment({ a: 1 }))
      response.writeHead(308, { location: `/config${request.url}` }).end()
    })
    for (const options of [{}, { fetch }]) {
      const remote = remoteOf({ servers: [url], auth: { username: 'a', password: 'b' }, ...options })
      expect(valuesOf(await documentOf(remote))).to.deep.equal({ a: 1 })
    }
    expect(new Set(requests.map(({ headers }) => headers.authorization))).to.deep.equal(new Set(['Basic YTpi']))
  })

  it('sends nothing to the server that another one refers to', async () => {
    const other = await answering(always(environment({})))
    const { url } = await answering((request, response) => response.writeHead(307, { location: other.url + request.url }).end())
    for (const options of [{}, { fetch }]) expect(await causeOf(url, options)).to.include('which is not followed')
    expect(other.requests).to.deep.equal([])
  })

  const connections: readonly (readonly [string, (socket: Socket) => void, string])[] = [
    ['hangs up', (socket) => socket.destroy(), 'unreachable: the connection was cut off before an answer'],
    ['resets', (socket) => socket.resetAndDestroy(), 'unreachable: the connection was cut off before an answer'],
    ['speaks something else', (socket) => socket.end('220 mail.example ESMTP\r\n'), 'bad-response: what came is not HTTP'],
    [
      'breaks off',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n${BROKEN}`),
      `bad-response: 200: its body broke off after ${BROKEN.length} of 100 bytes`,
    ],
    [
      'breaks off between chunks',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n'),
      'bad-response: 200: its body broke off after 3 bytes',
    ],
    [
      'sends chunks that are none',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
      'bad-response: 200: its body broke off after 0 bytes',
    ],
  ]
  for (const [what, answer, expected] of connections) {
    it(`that ${what}: ${expected}`, async () => {
      const url = await raw(answer)
      expect(await causeOf(url)).to.match(new RegExp(`^${expected}`))
    })
  }

  it('that is not there: unreachable', async () => {
    const url = await deadUrl()
    for (const options of [{}, { fetch }]) expect(await causeOf(url, options)).to.equal('unreachable: the connection was refused')
  })

  it('that has a name nobody knows: unreachable', async () => {
    expect(await causeOf('http://nobody.invalid:8888')).to.match(
      /^unreachable: (there is no such host|the host name could not be looked up)/,
    )
  })

  const slow: readonly (readonly [string, RequestListener, string])[] = [
    ['says nothing', () => {}, 'timeout: no whole answer within 300 ms'],
    [
      'stops after the head',
      (_, response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
      'timeout: 200: no whole answer within 300 ms',
    ],
    [
      'drips',
      (_, response) => {
        response.writeHead(200, JSON_TYPE)
        const timer = setInterval(() => response.write(' '), 10)
        response.on('close', () => clearInterval(timer))
      },
      'timeout: 200: no whole answer within 300 ms',
    ],
  ]
  for (const [what, answer, expected] of slow) {
    it(`that ${what}: ${expected}`, async () => {
      for (const options of [{}, { fetch }]) {
        const { url, requests } = await answering(answer)
        expect(await causeOf(url, { timeouts: { readMs: 300 }, ...options })).to.equal(expected)
        await new Promise<void>((resolve) =>
          requests[0]?.socket.destroyed ? resolve() : requests[0]?.socket.once('close', () => resolve()),
        )
      }
    })
  }

  it('that takes connections and does no TLS: unreachable', async () => {
    const url = (await raw(() => {})).replace('http:', 'https:')
    expect(await causeOf(url, { timeouts: { connectMs: 100 } })).to.equal('unreachable: no connection within 100 ms')
  })

  it('that takes its time is waited for once it is connected', async () => {
    const { url } = await answering((_, response) => setTimeout(() => sendJson(response, environment({ a: 1 })), 400))
    expect(valuesOf(await documentOf(remoteOf({ servers: [url], timeouts: { connectMs: 300 } })))).to.deep.equal({ a: 1 })
  })

  describe('of size', () => {
    const large = environment({ a: 'x'.repeat(20_000) })
    const maxBytes = 10_000

    it('that sends more than is allowed: bad-response', async () => {
      const { url } = await answering(always(large))
      for (const options of [{}, { fetch }])
        expect(await causeOf(url, { maxBytes, ...options })).to.equal('bad-response: 200: its body is larger than 10000 bytes')
      expect(valuesOf(await documentOf(remoteOf({ servers: [url], maxBytes: large.length })))).to.have.property('a')
    })

    it('that sends without end: bad-response, long before the end of the time', async () => {
      const { url } = await answering((_, response) => {
        response.writeHead(200, JSON_TYPE)
        const pour = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
          response.once('drain', pour)
        }
        pour()
      })
      for (const options of [{}, { fetch }])
        expect(await causeOf(url, { maxBytes: 1_000_000, ...options })).to.include('larger than 1000000 bytes')
    })

    it('that sends a few bytes which unfold to many: bad-response', async () => {
      const bomb = gzipSync(large)
      const { url } = await answering((_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb))
      expect(bomb.length).to.be.lessThan(maxBytes)
      for (const options of [{}, { fetch }]) expect(await causeOf(url, { maxBytes, ...options })).to.include('larger than 10000 bytes')
    })

    it('that calls something gzip, or a part of it: bad-response', async () => {
      for (const body of [Buffer.from(large), gzipSync(large).subarray(0, 60)]) {
        const { url } = await answering((_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(body))
        expect(await causeOf(url)).to.match(/^bad-response: 200: its body broke off after/)
      }
    })

    it('that uses a coding nobody asked for: bad-response', async () => {
      const { url } = await answering(always(large, { headers: { 'content-encoding': 'zstd' } }))
      expect(await causeOf(url)).to.equal("bad-response: 200: its body is encoded as 'zstd', expected gzip or nothing")
    })

    it('gives 10 MB as they are', async () => {
      const values = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`group.${index}.key`, 'x'.repeat(190)]))
      const { url } = await answering(always(environment(values)))
      const { sources, text } = await documentOf(remoteOf({ servers: [url] }))
      expect(text.length).to.be.greaterThan(10_000_000)
      expect(sources[0]?.properties.size).to.equal(50_000)
    })
  })
})

describe('openFetch', () => {
  it('takes a response without a body', async () => {
    const exchange = openFetch(async () => new Response(null, { status: 204 }))
    const { status, body, drop } = await exchange.send({ url: new URL('http://x'), headers: {}, signal: new AbortController().signal })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    drop()
    expect([status, chunks]).to.deep.equal([204, []])
  })

  it('says what a fetch says that throws something else', async () => {
    const remote = remoteOf({
      servers: ['http://x'],
      fetch: () => {
        throw new Error('no network today')
      },
    })
    const error = await errorOf(documentOf(remote))
    expect([error.code, error.attempts[0]?.cause]).to.deep.equal(['unreachable', 'no network today'])
  })
})
