import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ServerError } from '../../server/src/errors.js'
import { startGitHttp } from '../tools/git-http.js'
import { ask, clearServing, newFolder, serve, start } from './http/serving.js'
import { commit, eventually, git, makeRepository } from './trees/repositories.js'

const problemOf = (starting: Promise<{ close: () => Promise<void> }>): Promise<ServerError> =>
  starting.then(
    async (server) => {
      await server.close()
      throw new Error('expected a start that fails')
    },
    (error: ServerError) => error,
  )

const remoteYml = (uri: string, ...more: readonly string[]): string =>
  ['spring.cloud.config.server.git:', `  uri: ${uri}`, '  timeout: 2', ...more.map((line) => `  ${line}`)].join('\n')

describe('startServer', () => {
  afterEach(clearServing)

  it('takes a free port and says which', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n' } })
    expect(server.url).to.match(/^http:\/\/localhost:[1-9]\d+$/)
    expect((await server.ask('/shop/dev')).status).to.equal(200)
  })

  it('becomes ready by itself', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n' } })
    await eventually(
      () => server.ask('/actuator/health/readiness'),
      ({ status }) => status === 200,
      3000,
    )
  })

  it('closes twice, and is not there any more', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n' } })
    await Promise.all([server.close(), server.close()])
    expect(await server.ask('/shop/dev').catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ECONNREFUSED')
  })

  it('says that a port is taken, and by what flag to take another', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const error = await problemOf(serve({ flags: { 'server.port': String(port) } }))
    other.close()
    expect([error.code, error.message]).to.deep.equal([
      'invalid-settings',
      `Cannot listen on 127.0.0.1:${port}: another program listens there; choose another with --port, or --port 0 for any free one.`,
    ])
  })

  it('starts over a repository that is missing, says so with each answer, and serves it once it is there', async () => {
    const folder = newFolder()
    const server = await start(`spring.cloud.config.server.git.uri: file://${folder}/later`, folder)
    try {
      const port = Number(new URL(server.url).port)
      const missing = await ask(port, '/shop/dev')
      expect([missing.status, JSON.parse(missing.text).code]).to.deep.equal([500, 'repository-failed'])
      expect((await ask(port, '/actuator/health')).status).to.equal(503)
      expect((await ask(port, '/actuator/health/liveness')).status).to.equal(200)
      makeRepository(join(folder, 'later'), { 'shop.yml': 'a: 1\n' })
      await eventually(
        () => ask(port, '/shop/dev'),
        ({ status }) => status === 200,
        3000,
      )
    } finally {
      await server.close()
    }
  })

  it('reads a bare repository, one in a folder below it, and never writes', async () => {
    const folder = newFolder()
    const work = makeRepository(join(folder, 'work'), { 'shop.yml': 'a: 1\n', 'sub/shop.yml': 'a: 2\n' })
    git(folder, 'clone', '-q', '--bare', 'work', 'bare.git')
    const before = execFileSync('find', [work, join(folder, 'bare.git'), '-type', 'f', '-newermt', '@0', '-printf', '%p %T@\n'], {
      encoding: 'utf8',
    })
    for (const [uri, paths] of [
      [`file://${folder}/bare.git`, '[]'],
      [`file://${work}`, '[sub]'],
    ]) {
      const server = await start(`spring.cloud.config.server.git: {uri: "${uri}", search-paths: ${paths}}`, folder)
      const { text } = await ask(Number(new URL(server.url).port), '/shop-dev.properties')
      await server.close()
      expect(text).to.equal(paths === '[]' ? 'a: 1' : 'a: 2')
    }
    const after = execFileSync('find', [work, join(folder, 'bare.git'), '-type', 'f', '-newermt', '@0', '-printf', '%p %T@\n'], {
      encoding: 'utf8',
    })
    expect(after).to.equal(before)
  })
})

describe('startServer: remote repositories', () => {
  afterEach(clearServing)

  it('answers 503 with Retry-After while the first clone runs, and never from the fallback; then it serves', async () => {
    const folder = newFolder()
    makeRepository(join(folder, 'slow'), { 'application.yml': 'from: slow\n' })
    makeRepository(join(folder, 'main'), { 'application.yml': 'from: main\n' })
    const remote = await startGitHttp({ root: folder })
    remote.behave({ kind: 'hang' })
    const yml = [
      `spring.cloud.config.server.git:`,
      `  uri: file://${folder}/main`,
      `  repos.slow: {uri: "${remote.url}/slow/.git", pattern: "shop", timeout: 2, refresh-rate: 1}`,
    ].join('\n')
    const server = await start(yml, folder)
    try {
      const port = Number(new URL(server.url).port)
      for (const target of ['/shop/dev', '/shop-dev.yml', '/shop/dev/main/application.yml']) {
        const answer = await ask(port, target)
        expect([answer.status, answer.headers['retry-after'] !== undefined, answer.text.includes('from')], target).to.deep.equal([
          503,
          true,
          false,
        ])
      }
      expect((await ask(port, '/other/dev')).text).to.contain('"from":"main"')
      remote.behave({ kind: 'serve' })
      await eventually(
        () => ask(port, '/shop/dev'),
        ({ status, text }) => status === 200 && text.includes('"from":"slow"'),
        15_000,
      )
    } finally {
      await server.close()
      await remote.close()
    }
  })

  it('stops the start where clone-on-start is refused, in words that hold no password', async () => {
    const folder = newFolder()
    const remote = await startGitHttp({ root: folder, user: { name: 'ada', password: 'right' } })
    const uri = remote.url.replace('//', '//ada:sesame@')
    const error = await problemOf(start(remoteYml(`${uri}/cfg/.git`, 'clone-on-start: true'), folder))
    await remote.close()
    expect(error.code).to.equal('repository-refused')
    expect(error.message).to.contain('check the username and password').and.not.to.contain('sesame')
  })

  for (const engine of ['isomorphic', 'system']) {
    it(`clones, and looks for a label never seen, with no limit of time (timeout 0), engine ${engine}`, async () => {
      const folder = newFolder()
      const work = makeRepository(join(folder, 'cfg'), { 'shop.yml': 'a: 1\n' })
      const remote = await startGitHttp({ root: folder })
      const yml = ['spring.cloud.config.server.git:', `  uri: ${remote.url}/cfg/.git`, '  timeout: 0', '  clone-on-start: true']
      const server = await start([...yml, `carillon.git.engine: ${engine}`].join('\n'), folder)
      try {
        const port = Number(new URL(server.url).port)
        expect((await ask(port, '/shop-dev.properties')).text).to.equal('a: 1')
        git(work, 'branch', 'later')
        expect((await ask(port, '/shop/dev/later')).status).to.equal(200)
      } finally {
        await server.close()
        await remote.close()
      }
    })
  }

  it('shows in health and metrics what a clone takes on disk', async () => {
    const folder = newFolder()
    makeRepository(join(folder, 'cfg'), { 'shop.yml': 'a: 1\n' })
    const remote = await startGitHttp({ root: folder })
    const exposure = "management.endpoints.web.exposure.include: '*'"
    const server = await start(`${remoteYml(`${remote.url}/cfg/.git`, 'clone-on-start: true')}\n${exposure}`, folder)
    try {
      const port = Number(new URL(server.url).port)
      const health = await eventually(
        async () => JSON.parse((await ask(port, '/actuator/health/git')).text).details[`${remote.url}/cfg/.git`],
        ({ disk }) => disk !== undefined,
      )
      expect(health.disk.packs).to.equal(1)
      const { text } = await ask(port, '/actuator/prometheus')
      const repo = `{repo="${remote.url}/cfg/.git"}`
      expect(text).to.contain(`carillon_git_clone_packs${repo} 1\n`).and.contain(`carillon_git_clone_bytes${repo} ${health.disk.bytes}\n`)
    } finally {
      await server.close()
      await remote.close()
    }
  })

  it('goes on serving what it has where the remote is gone, and takes up what comes later', async () => {
    const folder = newFolder()
    const work = makeRepository(join(folder, 'cfg'), { 'shop.yml': 'a: 1\n' })
    const remote = await startGitHttp({ root: folder })
    const server = await start(remoteYml(`${remote.url}/cfg/.git`, 'clone-on-start: true', 'refresh-rate: 1'), folder)
    try {
      const port = Number(new URL(server.url).port)
      expect((await ask(port, '/shop-dev.properties')).text).to.equal('a: 1')
      remote.behave({ kind: 'break' })
      commit(work, { 'shop.yml': 'a: 2\n' })
      expect((await ask(port, '/shop-dev.properties')).text).to.equal('a: 1')
      expect((await ask(port, '/actuator/health')).status).to.equal(200)
      remote.behave({ kind: 'serve' })
      await eventually(
        () => ask(port, '/shop-dev.properties'),
        ({ text }) => text === 'a: 2',
        6_000,
      )
    } finally {
      await server.close()
      await remote.close()
    }
  })
})

describe('startServer: TLS', () => {
  let folder: string
  before(() => {
    folder = newFolder()
    const openssl = (...args: readonly string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    )
    openssl('ec', '-in', 'key.pem', '-aes256', '-passout', 'pass:sesame', '-out', 'locked.pem')
    openssl('pkcs12', '-export', '-inkey', 'key.pem', '-in', 'cert.pem', '-passout', 'pass:sesame', '-out', 'store.p12')
    expect(existsSync(join(folder, 'store.p12'))).to.equal(true)
  })
  after(clearServing)

  const rows: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['PEM files', { 'server.ssl.certificate': 'cert.pem', 'server.ssl.certificate-private-key': 'key.pem' }],
    [
      'PEM files as file: URLs, and a locked key',
      {
        'server.ssl.certificate': 'file:cert.pem',
        'server.ssl.certificate-private-key': 'locked.pem',
        'server.ssl.certificate-private-key-password': 'sesame',
      },
    ],
    [
      'a PKCS#12 store',
      { 'server.ssl.key-store': 'store.p12', 'server.ssl.key-store-type': 'PKCS12', 'server.ssl.key-store-password': 'sesame' },
    ],
  ]
  const placed = (settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, value.replace(/(\w+\.(pem|p12))/, join(folder, '$1'))]))

  for (const [name, settings] of rows) {
    it(`serves with ${name}`, async () => {
      const server = await serve({ files: { 'shop.yml': 'a: 1\n' }, flags: placed(settings) })
      expect(server.url).to.match(/^https:/)
      expect((await server.ask('/shop-dev.properties')).text).to.equal('a: 1')
      expect(await ask(server.port, '/shop/dev').catch((error: NodeJS.ErrnoException) => error.code)).to.be.oneOf([
        'ECONNRESET',
        'HPE_INVALID_CONSTANT',
        'EPIPE',
      ])
      await server.close()
    })
  }

  for (const [name, settings] of [
    ['a certificate without its key', { 'server.ssl.certificate': 'cert.pem' }],
    ['a file that is not there', { 'server.ssl.certificate': 'nowhere.pem', 'server.ssl.certificate-private-key': 'key.pem' }],
  ] as const) {
    it(`refuses ${name}, as a matter of settings`, async () => {
      const error = await problemOf(serve({ flags: placed(settings) }))
      expect([error.code, error.message.includes('wrong')]).to.deep.equal(['invalid-settings', false])
    })
  }
})
