import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { listen } from '../../server/src/listen.js'
import { type Answered, ask, askRaw, clearServing, newFolder, type Serving, serve, start } from './http/serving.js'
import { commit, makeRepository } from './trees/repositories.js'

const CANARY = 'canary-7f3c-outside-of-everything'
// What is quadratic takes minutes; what takes a second takes ten on a machine that does other things, too.
const DEADLINE = 25_000

/** A canary beside the repository, and links to it inside. */
function plantCanary(repository: string): void {
  const outside = join(repository, '..')
  writeFileSync(join(outside, 'canary.yml'), `canary: ${CANARY}\n`)
  mkdirSync(join(outside, 'outside'), { recursive: true })
  writeFileSync(join(outside, 'outside', 'canary.yml'), `canary: ${CANARY}\n`)
  for (const [name, to] of Object.entries({
    'link.yml': '../canary.yml',
    'link-dev.yml': '../canary.yml',
    folder: '../outside',
    loop: '.',
    'absolute.yml': join(outside, 'canary.yml'),
  })) {
    symlinkSync(to, join(repository, name))
  }
}

const FILES = {
  'application.yml': 'shared: 1\n',
  'shop.yml': 'a: ${shared}\n',
  'climb.yml':
    'spring.config.import: ["../canary.yml", "file:../canary.yml", "../outside/", "link.yml", "folder/canary.yml", "folder/", "*/"]\n',
  'sub/n.txt': 'text ${shared}\n',
}

/** Runs a request that must end in time, whatever it gives; a connection that the server cuts is an answer too. */
async function bounded<Result>(asking: Promise<Result>, what: string): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE} ms: ${what}`)), DEADLINE)
  })
  try {
    return await Promise.race([asking.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}

/** No server error but the two that say that a feature is not there, and nothing from outside. */
function expectHarmless(answered: Answered | undefined, what: string): void {
  if (answered === undefined) return
  expect(answered.status, `${what}: ${answered.text.slice(0, 300)}`).to.be.below(500)
  expect(answered.bytes.includes(CANARY), what).to.equal(false)
}

const TARGETS = [
  '/shop/dev/main/../canary.yml',
  '/shop/dev/main/%2e%2e/canary.yml',
  '/shop/dev/main/..%2fcanary.yml',
  '/shop/dev/main/..%252fcanary.yml',
  '/shop/dev/main/sub/..;/..;/canary.yml',
  '/shop/dev/main/.;/.;/canary.yml',
  '/shop/dev/main/%c0%ae%c0%ae/canary.yml',
  '/shop/dev/main/..%5c..%5ccanary.yml',
  '/shop/dev/main/link.yml',
  '/shop/dev/main/link-dev.yml',
  '/shop/dev/main/absolute.yml',
  '/shop/dev/main/folder/canary.yml',
  '/shop/dev/main/loop/loop/loop/shop.yml',
  '/shop/dev/main/.git/config',
  '/shop/dev/main/.GIT/HEAD',
  '/shop/dev/main/sub/.git/HEAD',
  '/shop/dev/main/file:/etc/passwd',
  '/shop/dev/main//etc/passwd',
  '/shop/dev/main/%2fetc%2fpasswd',
  '/shop/dev/main/n%00.txt',
  '/link/dev',
  '/link-dev.yml',
  '/climb/dev',
  '/climb-dev.json',
  '/folder(_)canary/dev',
  '/(_)(_)etc(_)passwd/dev',
  '/..(_)canary/dev',
  '/.(_)canary/dev',
  '/shop/dev/..(_)..',
  '/shop/dev/refs(_)..(_)..(_)canary.yml',
  '/shop/dev/(_)etc',
  '/shop/dev/HEAD@%7B1%7D',
  '/shop/dev/main%5E',
  '/shop/dev/main~1',
  '/shop/dev/-x',
  '/shop/dev/--upload-pack=x',
  '/shop/dev/%20',
  '/shop/dev/,',
  '/shop/dev/,,main,,',
  '/shop/dev/%F0%9F%92%A9',
  '/%20/dev',
  '/,/dev',
  '/,,,/dev',
  '/./dev',
  '/$%7Bjndi:ldap:x%7D/dev',
  '/$%7Bshared%7D-dev.yml',
  '/__proto__/constructor',
  '/__proto__-constructor.json',
  '/hasOwnProperty/toString/valueOf',
  '/shop-dev.yml?resolvePlaceholders=__proto__',
  '/shop-dev.yml?__proto__=1&constructor[prototype]=2',
  '/shop/dev?%',
  '/actuator/__proto__',
  '/actuator/health/__proto__',
  '/actuator/health/../env',
  '/actuator',
  '/encrypt',
  '/key/../../x',
  `/${'a'.repeat(5_000)}/dev`,
  `/shop/${'p'.repeat(10_000)}`,
  `/shop/dev/${'l'.repeat(10_000)}`,
  `/shop/dev/main/${'d/'.repeat(5_000)}x`,
  `/${'-'.repeat(15_000)}.yml`,
  `/${'%41'.repeat(4_000)}/dev`,
  `/${Array.from({ length: 1300 }, (_, index) => index).join(',')}/${Array.from({ length: 500 }, (_, index) => index).join(',')}`,
  `/shop/dev/${'main,'.repeat(800)}`,
  `/shop/${'p,'.repeat(2000)}p`,
]

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  git: ['git: {uri: "file://{repo}", search-paths: ["{application}", "{profile}", "{label}", "*"]}'],
  native: ['native.search-locations: "file://{repo},file://{repo}/{application},file://{repo}/{label}/{profile}"'],
  'addresses with placeholders': ['git: {uri: "file://{folder}/{application}"}'],
}

for (const [name, settings] of Object.entries(SETTINGS)) {
  describe(`hostile requests: ${name}`, function () {
    this.timeout(60_000)
    let server: Serving
    const flags = { ...(name === 'native' ? { 'spring.profiles.active': 'native' } : {}), 'management.endpoints.web.exposure.include': '*' }
    before(async () => {
      server = await serve({ files: FILES, settings, flags })
      plantCanary(server.repository)
      commit(server.repository, {})
      await bounded(server.ask('/shop/dev'), 'a first request')
    })
    after(clearServing)
    afterEach(async () => {
      const target = name === 'addresses with placeholders' ? '/repo/dev' : '/shop/dev'
      expect((await server.ask(target)).status, 'a sound request afterwards').to.equal(200)
    })

    it('has an answer for each of the list', async () => {
      for (const target of TARGETS) {
        for (const headers of [{}, { accept: 'application/octet-stream' }]) {
          expectHarmless(await bounded(server.ask(target, { headers }), target), target)
        }
      }
    })

    it('has an answer for anything made of nasty parts', async () => {
      const segment = fc.oneof(
        fc.constantFrom(
          'shop',
          'dev',
          'main',
          '..',
          '.',
          '',
          '%2e%2e',
          '%2F',
          '(_)',
          '..(_)',
          '.git',
          'config',
          'link.yml',
          'folder',
          'loop',
          'canary.yml',
          'outside',
          '~',
          '*',
          '?',
          '%3F',
          '#',
          '%23',
          ';',
          ';a=..',
          '%00',
          '%0a',
          '%0d%0aX: y',
          '%',
          '%zz',
          '%ff',
          '+',
          '@',
          ',',
          '$%7Bshared%7D',
          '\\',
          '%5c',
          '%25%32%65',
          '-',
          '.yml',
          '-dev.yml',
          '-dev.json',
          'actuator',
          'health',
          'encrypt',
          'key',
          '__proto__',
          'constructor',
          'C:',
          'file:',
          'nul',
        ),
        fc.string({ unit: 'binary', maxLength: 6 }).map((text) => encodeURIComponent(text.toWellFormed())),
        fc.stringMatching(/^[!-~]{0,8}$/),
      )
      const target = fc
        .array(fc.array(segment, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
        .map((parts) => `/${parts.map((part) => part.join('')).join('/')}`)
      const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'PATCH', 'LINK')
      const value = fc.oneof(
        fc.constantFrom(
          '*/*',
          'application/octet-stream',
          'a/b;q=x',
          ',,,',
          '*',
          'utf-7',
          'br;q=-1',
          '"',
          'W/"',
          'Thu, 99 Foo 2000',
          'bytes=0-',
          '__proto__',
        ),
        fc.stringMatching(/^[ -~]{0,20}$/),
      )
      const header = fc.constantFrom(
        'accept',
        'accept-encoding',
        'accept-charset',
        'if-none-match',
        'if-modified-since',
        'if-unmodified-since',
        'range',
        'authorization',
        'x-carillon-at-least',
        'x-forwarded-for',
        'cookie',
        '__proto__',
      )
      const headers = fc.dictionary(header, value, { maxKeys: 3, noNullPrototype: true })
      await fc.assert(
        fc.asyncProperty(fc.record({ path: target, method, headers, body: fc.string({ maxLength: 50 }) }), async ({ path, ...sent }) => {
          const what = `${path} ${JSON.stringify(sent)}`
          expectHarmless(await bounded(server.ask(path, sent), what), what)
        }),
        { numRuns: 400 },
      )
    })
  })
}

describe('hostile connections', function () {
  this.timeout(60_000)
  let server: Serving
  before(async () => {
    server = await serve({ files: FILES, settings: ['git.uri: file://{repo}'] })
    plantCanary(server.repository)
    commit(server.repository, {})
  })
  after(clearServing)
  afterEach(async () => expect((await server.ask('/shop/dev')).status).to.equal(200))

  const lines = (...parts: readonly string[]): string => `${parts.join('\r\n')}\r\n\r\n`
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['garbage', '\0\xff\x16\x03\x01 hello\r\n\r\n', /^HTTP\/1.1 400/],
    ['no path', lines('GET'), /^HTTP\/1.1 400/],
    ['a raw NUL', lines('GET /sh\0op/dev HTTP/1.1', 'Host: x', 'Connection: close'), /^HTTP\/1.1 400/],
    ['raw UTF-8', lines('GET /sh\u00c3\u00b6p/dev HTTP/1.1', 'Host: x', 'Connection: close'), /^HTTP\/1.1 400/],
    ['no host', lines('GET /shop/dev HTTP/1.1', 'Connection: close'), /^HTTP\/1.1 400/],
    ['HTTP/1.0', lines('GET /shop/dev HTTP/1.0'), /^HTTP\/1.1 200/],
    ['an absolute target', lines('GET http://elsewhere/shop/dev HTTP/1.1', 'Host: x', 'Connection: close'), /^HTTP\/1.1 200/],
    ['an asterisk', lines('OPTIONS * HTTP/1.1', 'Host: x', 'Connection: close'), /^HTTP\/1.1 400/],
    ['CONNECT', lines('CONNECT shop:1 HTTP/1.1', 'Host: x', 'Connection: close'), /^(HTTP\/1.1 4|$)/],
    [
      'two lengths',
      lines('POST /shop/dev HTTP/1.1', 'Host: x', 'Content-Length: 3', 'Content-Length: 4', 'Connection: close'),
      /^HTTP\/1.1 400/,
    ],
    [
      'a length and chunks',
      lines('POST /shop/dev HTTP/1.1', 'Host: x', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'Connection: close'),
      /^HTTP\/1.1 400/,
    ],
    [
      'a flood of headers',
      lines('GET /shop/dev HTTP/1.1', 'Host: x', ...Array.from({ length: 3000 }, (_, index) => `X-${index}: y`), 'Connection: close'),
      /^HTTP\/1.1 431/,
    ],
    [
      'many short headers',
      lines('GET /shop/dev HTTP/1.1', 'Host: x', ...Array.from({ length: 1500 }, () => 'a: b'), 'Connection: close'),
      /^HTTP\/1.1 (200|431)/,
    ],
    ['a target of 100 kB', lines(`GET /${'x'.repeat(100_000)} HTTP/1.1`, 'Host: x', 'Connection: close'), /^HTTP\/1.1 (414|431)/],
    ['a header of 100 kB', lines('GET /shop/dev HTTP/1.1', 'Host: x', `X: ${'y'.repeat(100_000)}`, 'Connection: close'), /^HTTP\/1.1 431/],
    ['a split header', lines('GET /shop/dev HTTP/1.1', 'Host: x', 'If-None-Match: "a\r\n b"', 'Connection: close'), /^HTTP\/1.1 (200|400)/],
    [
      'two tags',
      lines('GET /shop/dev HTTP/1.1', 'Host: x', 'If-None-Match: "a"', 'If-None-Match: *', 'Connection: close'),
      /^HTTP\/1.1 (200|304)/,
    ],
  ]
  for (const [name, bytes, expected] of rows) {
    it(`answers ${name}`, async () => {
      const text = await askRaw(server.port, Buffer.from(bytes, 'latin1'))
      expect(text).to.match(expected)
    })
  }

  it('answers pipelined requests in order', async () => {
    const get = (index: number): string => lines(`GET /shop${index}/dev HTTP/1.1`, 'Host: x')
    const text = await askRaw(server.port, Array.from({ length: 50 }, (_, index) => get(index)).join(''), 500)
    expect([...text.matchAll(/"name":"shop(\d+)"/g)].map(([, index]) => Number(index))).to.deep.equal(
      Array.from({ length: 50 }, (_, index) => index),
    )
  })

  it('ends a connection with garbage behind a request', async () => {
    const text = await askRaw(server.port, `${lines('GET /shop/dev HTTP/1.1', 'Host: x').repeat(5)}\x01garbage\r\n\r\n`)
    expect(text).to.match(/^(HTTP\/1.1 (200|400)|$)/)
  })

  it('survives clients that go away in the middle', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const socket = connect(server.port, '127.0.0.1', () =>
          socket.write(lines('GET /shop/dev HTTP/1.1', 'Host: x').slice(0, index + 1), () => socket.resetAndDestroy()),
        )
        await new Promise((resolve) => socket.on('close', resolve).on('error', resolve))
      }),
    )
  })

  it('does not wait for a body that never comes', async () => {
    const text = await askRaw(server.port, lines('POST /shop/dev HTTP/1.1', 'Host: x', 'Content-Length: 1000000', 'Connection: close'), 500)
    expect(text).to.match(/^HTTP\/1.1 405/)
  })
})

describe('hostile content', function () {
  this.timeout(60_000)
  let server: Serving
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}\n`
  const laughs = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`),
  ].join('\n')
  const doubled = ['a0: xxxxxxxxxx', ...Array.from({ length: 60 }, (_, index) => `a${index + 1}: \${a${index}}\${a${index}}`)].join('\n')

  before(async () => {
    server = await serve({
      files: {
        'sound.yml': 'a: 1\n',
        'laughs.yml': `ok: 1\n${laughs}\n`,
        'deep.yml': `ok: 1\na: ${nested(10_000)}`,
        'maps.yml': `ok: 1\na: ${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}\n`,
        'doubled.yml': doubled,
        'huge.yml': Buffer.alloc(100 * 1024 * 1024, 'filler: text\n'),
        'wide.yml': Array.from({ length: 150_000 }, (_, index) => `k${index}: 1`).join('\n'),
        'many.yml': Array.from({ length: 10_000 }, (_, index) => `k${index}: ${index}`).join('\n---\n'),
        'proto.yml':
          '__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}\na: {__proto__: 1, constructor: 2, toString: 3}\n',
        'proto.properties': '__proto__.list[0]=x\n__proto__.list[1]=y\n',
        'index.yml': 'a[99999999]: 1\n',
        'tag.yml': 'ok: 1\na: !!javax.script.ScriptEngineManager [x]\n',
        'doctype.xml':
          '<?xml version="1.0"?>\n<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<properties><entry key="a">&x;</entry></properties>\n',
        'binary.yml': new Uint8Array([0, 1, 2, 255, 254]),
        'expression.yml': `a: 1\n---\nspring.config.activate.on-profile: "${'('.repeat(5_000)}x"\n`,
        'groups.yml': ['spring.profiles.group:', ...Array.from({ length: 5_000 }, (_, index) => `  p${index}: p${index + 1}`)].join('\n'),
        'chain.yml': 'spring.config.import: chain/0.yml\n',
        ...Object.fromEntries(
          Array.from({ length: 1_100 }, (_, index) => [`chain/${index}.yml`, `spring.config.import: ${index + 1}.yml\n`]),
        ),
        'na\tme\u0001ü"\'.yml': 'odd: 1\n',
      },
    })
    symlinkSync('.', join(server.repository, 'loop'))
    commit(server.repository, {})
  })
  after(clearServing)
  afterEach(async () => {
    const sound = await server.ask('/sound/dev')
    expect([sound.status, JSON.parse(sound.text).propertySources[0].source]).to.deep.equal([200, { a: 1 }])
  })

  const refused: readonly (readonly [string, number, string, string, number | undefined])[] = [
    // target, status, code, file, line
    ['/laughs/dev', 500, 'too-large', 'laughs.yml', undefined],
    ['/deep/dev', 500, 'too-large', 'deep.yml', 2],
    ['/maps/dev', 500, 'too-large', 'maps.yml', 2],
    ['/huge/dev', 500, 'too-large', 'huge.yml', undefined],
    ['/sound/dev/main/huge.yml', 500, 'too-large', 'huge.yml', undefined],
    ['/wide/dev', 500, 'too-large', 'wide.yml', undefined],
    ['/tag/dev', 500, 'unreadable-file', 'tag.yml', 2],
    ['/doctype/dev', 500, 'unreadable-file', 'doctype.xml', 3],
    ['/binary/dev', 500, 'unreadable-file', 'binary.yml', 1],
    ['/expression/dev', 500, 'illegal-property', 'expression.yml', 3],
  ]
  for (const [target, status, code, file, line] of refused) {
    it(`answers ${target} with ${code} in ${file}${line === undefined ? '' : `, line ${line}`}, also the second time`, async () => {
      for (const way of ['first', 'again']) {
        const answer = await bounded(server.ask(target), target)
        const body = JSON.parse(answer?.text ?? '{}') as Record<string, unknown>
        expect([answer?.status, body.code, body.file], `${way} ${answer?.text}`).to.deep.equal([status, code, file])
        if (line !== undefined) expect(body.line).to.equal(line)
      }
    })
  }

  it('follows 1,100 imports to a readable end', async () => {
    const answer = await bounded(server.ask('/chain/dev'), 'chain')
    expect([answer?.status, JSON.parse(answer?.text ?? '').code]).to.deep.equal([500, 'too-large'])
    expect(JSON.parse(answer?.text ?? '').file).to.match(/^chain\/\d+\.yml$/)
  })

  it('refuses values that double each other where they are resolved, and serves them raw', async () => {
    expect((await bounded(server.ask('/doubled/dev'), 'raw'))?.status).to.equal(200)
    expect((await bounded(server.ask('/doubled-dev.yml?resolvePlaceholders=false'), 'kept'))?.status).to.equal(200)
    for (const format of ['yml', 'json', 'properties']) {
      const answer = await bounded(server.ask(`/doubled-dev.${format}`), format)
      expect([answer?.status, JSON.parse(answer?.text ?? '').code], format).to.deep.equal([500, 'too-large'])
    }
  })

  it('serves 10,000 documents of one file, in every format', async () => {
    const answer = await bounded(server.ask('/many/dev'), 'many')
    expect([answer?.status, JSON.parse(answer?.text ?? '').propertySources.length]).to.deep.equal([200, 10_000])
    for (const format of ['yml', 'json', 'properties'])
      expect((await bounded(server.ask(`/many-dev.${format}`), format))?.status).to.equal(200)
  })

  it('serves the keys of prototypes, which stay inert', async () => {
    const { text } = await server.ask('/proto/dev')
    expect(text)
      .to.contain('"__proto__.polluted":true')
      .and.to.contain('"constructor.prototype.polluted":true')
      .and.to.contain('"a.__proto__":1')
    const nestedJson = (await server.ask('/proto-dev.json')).text
    expect(nestedJson)
      .to.contain('"__proto__":{"polluted":true')
      .and.to.contain('"constructor":{"prototype":{"polluted":true}}')
      .and.to.contain('["x","y"]')
    expect((await server.ask('/proto-dev.yml')).text).to.contain('__proto__:\n')
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
  })

  it('refuses a list of a hundred million where it would be built', async () => {
    expect((await server.ask('/index/dev')).status).to.equal(200)
    expect((await bounded(server.ask('/index-dev.yml'), 'index'))?.status).to.equal(400)
  })

  it('serves names with odd bytes, and does not walk in circles', async () => {
    expect((await server.ask(`/${encodeURIComponent('na\tme\u0001ü"\'')}/dev`)).text).to.contain('"odd":1')
    expect((await server.ask('/sound/dev/main/loop/sound.yml')).status).to.equal(404)
    expect((await bounded(server.ask('/groups/p0'), 'groups'))?.status).to.be.oneOf([200, 500])
  })
})

describe('hostile content: native', function () {
  this.timeout(60_000)
  after(clearServing)

  it('serves beside a loop of links, a link to the outside and a pipe that nobody writes', async () => {
    const folder = newFolder()
    const repository = makeRepository(join(folder, 'repo'), { 'shop.yml': 'a: 1\n', 'broken.yml': 'a: [\n' })
    plantCanary(repository)
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [join(repository, 'pipe.yml')])
    const server = await start(
      `spring.cloud.config.server.native.search-locations: file://${repository}\nspring.profiles.active: native\n`,
      folder,
    )
    try {
      const port = Number(new URL(server.url).port)
      for (const [target, status] of [
        ['/shop/dev', 200],
        ['/pipe/dev', 200],
        ['/shop/dev/x/pipe.yml', 404],
        ['/link/dev', 200],
        ['/broken/dev', 500],
        ['/shop/dev/loop', 200],
      ] as const) {
        const answer = await bounded(ask(port, target), target)
        expect(answer?.status, target).to.equal(status)
        expect(answer?.bytes.includes(CANARY), target).to.equal(false)
      }
    } finally {
      await server.close()
    }
  })
})

describe('hostile clients at the end', () => {
  it('do not keep the server from closing', async () => {
    const listening = await listen((_, response) => response.end('x'), { port: 0, address: '127.0.0.1' }, 'loopback')
    const port = Number(new URL(listening.url).port)
    const ended = [
      '',
      'GET / HTTP/1.1\r\nHos',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    ].map(
      (bytes) =>
        new Promise((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
          socket
            .resume()
            .on('close', resolve)
            .on('error', () => undefined)
        }),
    )
    expect((await ask(port, '/')).text).to.equal('x')
    await bounded(listening.close(200), 'close')
    await bounded(Promise.all(ended), 'the ends of the connections')
  })
})
