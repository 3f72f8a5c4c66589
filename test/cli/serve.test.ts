import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { canary } from '../../scripts/canary.mjs'
import { ask, askRaw } from '../server/http/serving.js'
import { eventually, git, makeRepository, makeScratch } from '../server/trees/repositories.js'
import { startGitHttp } from '../tools/git-http.js'
import { commandsOf, type Ended, type Running, type RunOptions } from './commands.js'

const SECRET = canary('password')

const scratch = makeScratch()
const { run: start, runAll } = commandsOf(scratch)

interface Serving extends Running {
  /** The port that the log names. */
  readonly port: () => Promise<number>
}

function run(args: readonly string[], options: RunOptions): Serving {
  const running = start(args, options)
  const port = async (): Promise<number> => {
    const said = await eventually(
      () => /http:\/\/[\w.]+:(\d+)/.exec(running.err())?.[1] ?? (running.child.exitCode === null ? undefined : running.err()),
      (found) => found !== undefined,
      60_000,
    )
    return Number(said)
  }
  return { ...running, port }
}

const closable = (server: Server): { readonly server: Server; readonly close: () => Promise<void> } => ({
  server,
  close: () => new Promise<void>((resolve) => server.close(() => resolve())),
})

describe('carillon serve', function () {
  this.timeout(120_000)
  let folder: string
  beforeEach(() => {
    folder = scratch.folder()
    makeRepository(join(folder, 'repo'), { 'shop.yml': 'a: 1\n', 'sub/shop.yml': 'a: 2\n' })
    mkdirSync(join(folder, 'plain'))
    writeFileSync(join(folder, 'plain/shop.yml'), 'a: 3\n')
    writeFileSync(join(folder, 'repo/shop.yml'), 'a: 99 # not committed\n')
  })
  afterEach(() => scratch.clear())

  it('serves a work tree, a folder below one, a bare repository, a plain folder and a URL, all on a free port', async () => {
    git(folder, 'clone', '-q', '--bare', 'repo', 'bare.git')
    git(folder, 'clone', '-q', 'repo', 'its copy #1')
    const remote = scratch.closing(await startGitHttp({ root: folder }))
    const rows = [
      ['repo', 'a: 1'],
      [join(folder, 'repo'), 'a: 1'],
      [`file://${folder}/repo`, 'a: 1'],
      [`file://${folder}/its%20copy%20%231`, 'a: 1'],
      ['repo/sub', 'a: 2'],
      ['bare.git', 'a: 1'],
      ['plain', 'a: 3'],
      [`${remote.url}/repo/.git`, 'a: 1'],
    ] as const
    const serveOne = async ([repo, expected]: (typeof rows)[number]): Promise<void> => {
      const server = run(['serve', repo, '--port', '0'], { cwd: folder })
      const port = await server.port()
      const answer = await eventually(
        () => ask(port, '/shop-dev.properties'),
        ({ status }) => status !== 503,
        10_000,
      )
      expect([answer.status, answer.text], repo).to.deep.equal([200, expected])
      if (repo === 'plain') expect(server.err()).to.contain('is no Git repository: it is served as it is')
      server.child.kill('SIGTERM')
      expect((await server.ended).code, repo).to.equal(0)
    }
    await Promise.all(rows.map(serveOne))
  })

  it('finishes what was begun when SIGTERM comes, takes nothing new, and exits 0', async () => {
    const server = run(['serve', 'repo', '--port', '0'], { cwd: folder })
    const port = await server.port()
    const begun = connect(port, '127.0.0.1')
    const text = new Promise<string>((resolve) => {
      let got = ''
      begun.on('data', (chunk) => {
        got += String(chunk)
      })
      begun.on('close', () => resolve(got))
    })
    begun.write('GET /shop-dev.properties HTTP/1.1\r\nHost: x\r\n')
    await ask(port, '/shop/dev')
    server.child.kill('SIGTERM')
    await eventually(
      () => ask(port, '/shop/dev').catch((error: NodeJS.ErrnoException) => error.code),
      (answer) => answer === 'ECONNREFUSED',
    )
    begun.write('Connection: close\r\n\r\n')
    expect(await text).to.match(/^HTTP\/1.1 200 OK.*a: 1$/s)
    expect(await server.ended).to.include({ code: 0, out: '' })
  })

  it('starts without the modules of the client, and of a library that only a fetch needs', async () => {
    const seen = join(folder, 'seen')
    const server = run(['serve', 'repo', '--port', '0'], { cwd: folder, env: { NODE_V8_COVERAGE: seen } })
    const port = await server.port()
    expect((await ask(port, '/shop-dev.yml')).text).to.contain('a: 1')
    server.child.kill('SIGTERM')
    await server.ended
    const loaded = readdirSync(seen).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(seen, file), 'utf8')) as { result: readonly { url: string }[] }
      return result.map(({ url }) => url)
    })
    expect(loaded.filter((url) => url.includes('/server/dist/'))).to.have.length.above(100)
    expect(loaded.filter((url) => /\/client\/dist\/|\/(isomorphic-git|kafkajs|amqplib|undici)\//.test(url))).to.deep.equal([])
  })

  it('ends at once with a second signal', async () => {
    const server = run(['serve', 'repo', '--port', '0'], { cwd: folder })
    const port = await server.port()
    const begun = connect(port, '127.0.0.1')
    begun.on('error', () => undefined)
    begun.write('GET / HTTP/1.1\r\n')
    await askRaw(port, 'GET /shop/dev HTTP/1.0\r\n\r\n')
    server.child.kill('SIGTERM')
    await eventually(server.err, (log) => log.includes('finishing running requests'))
    server.child.kill('SIGTERM')
    expect((await server.ended).code).to.equal(143)
  })

  it('ends with one readable message and the documented code where it cannot start', async () => {
    const taken = scratch.closing(closable(createServer()))
    await new Promise<void>((resolve) => taken.server.listen(0, '127.0.0.1', resolve))
    const { port } = taken.server.address() as { port: number }
    writeFileSync(
      join(folder, 'unknown.yml'),
      'spring.cloud.config.server.git.uri: file:///x\nspring.cloud.config.server.git.serch-paths: x\n',
    )
    writeFileSync(join(folder, 'broken.yml'), 'a: [\n')
    writeFileSync(join(folder, 'vault.yml'), 'spring.profiles.active: vault\n')
    const remote = scratch.closing(await startGitHttp({ root: folder }))
    remote.behave({ kind: 'status', status: 404 })
    const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['serve', 'repo', '--port', String(port)], 2, /another program listens there/],
      [['serve', 'nowhere'], 2, /there is no .*nowhere/],
      [['serve', 'repo', '--config', 'absent.yml'], 2, /'absent\.yml' cannot be read/],
      [['serve', '--config', 'unknown.yml'], 2, /serch-paths.*unknown\.yml.*search-paths/s],
      [['serve', '--config', 'broken.yml'], 2, /broken\.yml:2/],
      [['serve', '--config', 'vault.yml'], 2, /vault/],
      [['serve', 'repo', '--set', 'novalue'], 2, /expected KEY=VALUE/],
      [['serve', 'repo', '--port', 'many'], 2, /port/],
      [['serve', 'repo', '--nonsense'], 2, /nonsense/],
      [['serve'], 2, /no repository/],
      [['nothing'], 2, /nothing/i],
      [[], 2, /Which command/],
      [
        [
          'serve',
          `${remote.url}/repo`,
          '--set',
          'spring.cloud.config.server.git.clone-on-start=true',
          '--set',
          'spring.cloud.config.server.git.timeout=1',
          '-p',
          '0',
        ],
        3,
        /there is no such repository, or it is hidden/,
      ],
    ]
    const ends = await runAll(
      rows.map(([args]) => args),
      { cwd: folder },
    )
    expect(ends).to.have.length(rows.length)
    for (const [index, [args, code, message]] of rows.entries()) {
      const { err, ...ended } = ends[index] as Ended
      expect(ended, `${args.join(' ')}: ${err}`).to.deep.equal({ code, out: '' })
      expect(err).to.match(message)
      expect(err, args.join(' ')).not.to.match(/^\s+at /m)
    }
  })

  it('prints every setting with its source, without secrets', async () => {
    writeFileSync(
      join(folder, 's.yml'),
      `spring.cloud.config.server.git: {uri: "https://ada:${SECRET}@host/x", password: ${SECRET}2}\nspring.security.user: {name: ada, password: ${SECRET}3}\n`,
    )
    const ended = await run(['serve', '--config', 's.yml', '--port', '0', '--print-settings'], {
      cwd: folder,
      env: { SPRING_CLOUD_CONFIG_SERVER_PREFIX: '/cfg' },
    }).ended
    expect(ended.code).to.equal(0)
    expect(ended.out)
      .to.match(/server\.port\s.*0.*--port/)
      .and.to.match(/prefix.*\/cfg.*SPRING_CLOUD_CONFIG_SERVER_PREFIX/)
      .and.to.contain('s.yml')
    expect(ended.out + ended.err).not.to.contain(SECRET)
  })

  it('prints help and a version on stdout', async () => {
    const [help, version] = await Promise.all([run(['serve', '--help'], { cwd: folder }).ended, run(['--version'], { cwd: folder }).ended])
    expect([help.code, version.code]).to.deep.equal([0, 0])
    expect(help.out).to.contain('--print-settings').and.to.contain('--port')
    expect(version.out).to.match(/^\d+\.\d+\.\d+\n$/)
  })
})
