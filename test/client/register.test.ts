import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type FakeServer, startFakeServer } from '../../client/src/testing/fake-server.js'

const root = join(import.meta.dirname, '../..')
const values = { db: { 'pool-max': 5, url: 'amqp://${USERPART:nobody}@db' }, hosts: ['a', 'b'], path: '/evil', greeting: 'two words' }

describe('node --import @carillon/client/register', function () {
  this.timeout(20_000)
  let server: FakeServer
  let folder: string
  before(async () => {
    server = await startFakeServer({
      apps: { shop: values, 'shop/prod': { greeting: 'prod' }, 'shop@other': { greeting: 'other' } },
      labels: ['main', 'other'],
    })
    folder = mkdtempSync(join(tmpdir(), 'carillon-register-'))
    // What an application would say that was started: CommonJS, at its first line.
    writeFileSync(
      join(folder, 'app.cjs'),
      `const { DB_POOL_MAX, DB_URL, HOSTS_1, GREETING, PATH, X_GREETING } = process.env
       const open = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|FSReq|CloseReq/.test(name))
       console.log(JSON.stringify({ DB_POOL_MAX, DB_URL, HOSTS_1, GREETING, X_GREETING, evil: PATH === '/evil', open }))`,
    )
    writeFileSync(
      join(folder, 'workers.mjs'),
      `import { Worker, isMainThread } from 'node:worker_threads'
       if (isMainThread) new Worker(new URL(import.meta.url))
       else console.log(JSON.stringify({ GREETING: process.env.GREETING }))`,
    )
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const run = async (env: Record<string, string> = {}, file = 'app.cjs') => {
    const child = spawn(process.execPath, ['--import', '@carillon/client/register', join(folder, file)], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', CARILLON_URI: server.url, CARILLON_NAME: 'shop', ...env },
    })
    const [out, err, code] = await Promise.all([
      child.stdout.toArray(),
      child.stderr.toArray(),
      new Promise<number | null>((resolve) => child.once('exit', resolve)),
    ])
    const said = Buffer.concat(out).toString()
    return { code, app: said === '' ? undefined : JSON.parse(said), note: Buffer.concat(err).toString() }
  }

  it('fills process.env before the application begins, and leaves nothing open', async () => {
    const { code, app, note } = await run()
    expect(app).to.deep.equal({ DB_POOL_MAX: '5', DB_URL: 'amqp://nobody@db', HOSTS_1: 'b', GREETING: 'two words', evil: false, open: [] })
    expect(code).to.equal(0)
    expect(note).to.equal(
      `carillon: 5 variables from the server, at ${server.commit.slice(0, 10)}; 1 never taken from configuration: PATH\n`,
    )
  })

  it('takes profile, label and a prefix', async () => {
    expect((await run({ CARILLON_PROFILES: 'prod' })).app.GREETING).to.equal('prod')
    expect((await run({ CARILLON_LABEL: 'other' })).app.GREETING).to.equal('other')
    expect((await run({ CARILLON_ENV_PREFIX: 'X_' })).app)
      .to.include({ X_GREETING: 'two words' })
      .and.not.have.property('GREETING')
  })

  it('keeps variables that are there, and lets placeholders see them', async () => {
    const { app, note } = await run({ GREETING: 'mine', USERPART: 'somebody' })
    expect(app).to.include({ GREETING: 'mine', DB_URL: 'amqp://somebody@db' })
    expect(note).to.contain('4 variables').and.contain('1 of 5 kept: GREETING').and.not.contain('mine').and.not.contain('two words')
  })

  it('replaces them where that is asked for, but never the path', async () => {
    const { app } = await run({ GREETING: 'mine', CARILLON_OVERRIDE: 'true' })
    expect(app).to.include({ GREETING: 'two words', evil: false })
  })

  it('asks once for all threads', async () => {
    const asked = server.requests.length
    const { app } = await run({}, 'workers.mjs')
    expect(app).to.deep.equal({ GREETING: 'two words' })
    expect(server.requests.length - asked).to.equal(1)
  })

  for (const [what, env, says] of [
    ['no server answers', { CARILLON_URI: 'http://127.0.0.1:1', CARILLON_STARTUP_MS: '100' }, /carillon: .*127\.0\.0\.1:1/s],
    ['an option cannot be meant', { CARILLON_OVERRIDE: 'yes' }, /CARILLON_OVERRIDE.*expected true or false/],
    ['a label is not there', { CARILLON_LABEL: 'nowhere' }, /nowhere/],
    ['credentials are given by halves', { CARILLON_USERNAME: 'u' }, /CARILLON_PASSWORD/],
    ['a file cannot be read', { CARILLON_CA_CERT: '/no/such.pem' }, /\/no\/such\.pem of CARILLON_CA_CERT/],
  ] as const) {
    it(`starts nothing where ${what}, and says why`, async () => {
      const { code, app, note } = await run(env)
      expect({ code, app }).to.deep.equal({ code: 1, app: undefined })
      expect(note)
        .to.match(says)
        .and.match(/not started/)
        .and.not.match(/^\s+at /m)
    })
  }

  it('starts all the same where nothing is required', async () => {
    const { code, app, note } = await run({ CARILLON_URI: 'http://127.0.0.1:1', CARILLON_STARTUP_MS: '100', CARILLON_REQUIRED: 'false' })
    expect([code, app.GREETING]).to.deep.equal([0, undefined])
    expect(note).to.contain('0 variables without a server')
  })

  it('starts on the last known good configuration, encrypted', async () => {
    const kept = { CARILLON_SNAPSHOT_FOLDER: join(folder, 'kept'), CARILLON_SNAPSHOT_KEY: '0f'.repeat(32), CARILLON_STARTUP_MS: '300' }
    expect((await run(kept)).code).to.equal(0)
    expect(readdirSync(join(folder, 'kept'))).to.have.lengthOf(1)
    server.misbehave({ kind: 'reset' })
    const { code, app, note } = await run(kept)
    server.misbehave()
    expect([code, app.GREETING]).to.deep.equal([0, 'two words'])
    expect(note).to.contain('the last known good configuration')
  })

  it('shows credentials', async () => {
    const guarded = await startFakeServer({ apps: { shop: { greeting: 'guarded' } }, credentials: { username: 'u', password: 'p' } })
    try {
      const { app } = await run({ CARILLON_URI: guarded.url, CARILLON_USERNAME: 'u', CARILLON_PASSWORD: 'p' })
      expect(app.GREETING).to.equal('guarded')
      expect((await run({ CARILLON_URI: guarded.url })).note).to.match(/401|credentials/)
    } finally {
      await guarded.close()
    }
  })
})
