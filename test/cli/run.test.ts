import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { eventually, makeScratch } from '../server/trees/repositories.js'
import { commandLine, commandsOf, type Running } from './commands.js'

const scratch = makeScratch()
const { run, runAll, start } = commandsOf(scratch)

/** Says in its output what becomes of it, and waits. */
const PROGRAM = `
trap 'echo "term $POOL"; exit 0' TERM
trap 'echo "hup $POOL"' HUP
trap 'echo "int $POOL"; exit 9' INT
echo "start $POOL"
while :; do sleep 0.02; done`

describe('carillon run', function () {
  this.timeout(60_000)
  let server: Serving
  let cwd: string
  let env: Record<string, string>
  beforeEach(async () => {
    server = await serve({
      files: { 'application.yml': 'pool: 1\ndb:\n  max-size: 5\n  url: "x:${db.max-size}"\n', 'shop.yml': 'path: /evil\n' },
    })
    cwd = scratch.folder()
    env = { CARILLON_URI: server.url }
  })
  afterEach(async () => {
    await scratch.clear()
    await clearServing()
  })

  const carillon = (args: readonly string[], more: Record<string, string> = {}): Running =>
    run(['run', ...args], { cwd, env: { ...env, ...more } })
  const heard = (running: Running, text: string) => eventually(running.out, (out) => out.includes(text), 20_000)
  const said = (running: Running, text: string) => eventually(running.err, (err) => err.includes(text), 20_000)

  it('restarts the program when its variables change, says why, and hands SIGTERM on', async () => {
    const running = carillon(['--poll', '0.1', '--', 'sh', '-c', PROGRAM])
    await heard(running, 'start 1')
    const commit = server.commit({ 'application.yml': 'pool: 2\n' })
    await heard(running, 'start 2')
    running.child.kill('SIGTERM')
    expect(await running.ended).to.include({ code: 0, out: 'start 1\nterm 1\nstart 2\nterm 2\n' })
    expect(running.err()).to.contain(`carillon: ${commit.slice(0, 10)} changes DB_MAX_SIZE, DB_URL, POOL: restarting\n`)
  })

  it('leaves the program alone where the change gives it no other variables', async () => {
    const running = carillon(['--poll', '0.1', '--only', 'pool', '--on-change', 'signal', '--signal', 'hup', '--', 'sh', '-c', PROGRAM])
    await heard(running, 'start 1')
    server.commit({ 'application.yml': 'pool: 1\nother: 2\n' })
    server.commit({ 'application.yml': 'pool: 3\nother: 2\n' })
    await heard(running, 'hup 1')
    running.child.kill('SIGINT')
    expect(await running.ended).to.include({ code: 9, out: 'start 1\nhup 1\nint 1\n' })
    expect(running.err()).to.contain('changes POOL: SIGHUP').and.not.to.contain('OTHER')
  })

  it('gives the program what it was told to give', async () => {
    const show = ['--on-change', 'none', '--', 'sh', '-c', 'echo "$POOL $DB_URL $A_POOL $OWN $PATH"']
    const path = process.env.PATH
    const rows: readonly (readonly [readonly string[], Record<string, string>, string, RegExp])[] = [
      [[], {}, `1 x:5   ${path}`, /^carillon: application at \w{10}: 3 variables\n$/],
      [
        [],
        { POOL: '7', OWN: 'o', DB_MAX_SIZE: '8' },
        `7 x:8  o ${path}`,
        /2 of 3 keys kept as this environment has them: DB_MAX_SIZE, POOL; --override/,
      ],
      [['--override'], { POOL: '7', OWN: 'o' }, `1 x:5  o ${path}`, /3 variables\n$/],
      [['--pristine'], { POOL: '7', OWN: 'o' }, `1 x:5   ${path}`, /3 variables\n$/],
      [['--only', 'pool', '--prefix', 'A_'], {}, `  1  ${path}`, /1 variables\n$/],
      [
        ['--application', 'shop', '--profile', 'a,b', '--override'],
        {},
        `1 x:5   ${path}`,
        /shop\/a,b at .*4 variables\n.*never taken from configuration: PATH\n$/,
      ],
    ]
    await Promise.all(
      rows.map(async ([args, more, out, err]) => {
        const ended = await carillon([...args, ...show], more).ended
        expect(ended, ended.err).to.include({ code: 0, out: `${out}\n` })
        expect(ended.err).to.match(err)
      }),
    )
  })

  it('ends as the program does, with its input and its arguments as they are', async () => {
    const rows: readonly (readonly [readonly string[], number, string])[] = [
      [['--', 'sh', '-c', 'exit 3'], 3, ''],
      [['--', 'sh', '-c', 'kill -KILL $$'], 137, ''],
      [['--', 'printf', '%s|', '007', '--', '-x', '$POOL', 'a b'], 0, '007|--|-x|$POOL|a b|'],
      [['--command', 'echo "$POOL" | tr 1 2; exit 4'], 4, '2\n'],
      [['--', 'no-such-program'], 127, ''],
      [['--', cwd], 126, ''],
    ]
    const ends = await Promise.all(rows.map(([args]) => carillon(args).ended))
    expect(ends.map(({ code, out }) => [code, out])).to.deep.equal(rows.map(([, code, out]) => [code, out]))
    const fed = run(['run', '--', 'cat'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
    fed.child.stdin?.end('fed')
    expect(await fed.ended).to.include({ code: 0, out: 'fed' })
  })

  it('starts nothing where there is no configuration to start it with', async () => {
    const rows: readonly (readonly [string, number, RegExp])[] = [
      ['run', 2, /Which program/],
      ['run echo x', 2, /'echo' stands before --.*carillon run … -- echo x/],
      ['run --command echo -- echo', 2, /expected one of them/],
      ['run --signal HUP -- echo', 2, /--signal is for --on-change signal/],
      ['run --on-change signal --signal KILL -- echo', 2, /no signal that a program can hear/],
      ['run --bus memory:x -- echo', 2, /expected amqp/],
      ['run --offline -- echo', 2, /CARILLON_SNAPSHOT_KEY/],
      ['run --only nope -- echo', 1, /no value at 'nope'/],
      ['run --label nope -- echo', 1, /'nope'/],
      ['run --timeout 0.1 --server http://127.0.0.1:1 -- echo', 3, /127\.0\.0\.1:1/],
    ]
    const ends = await runAll(
      rows.map(([line]) => line.split(' ')),
      { cwd, env },
    )
    expect(ends).to.have.length(rows.length)
    for (const [index, [line, code, message]] of rows.entries()) {
      expect(ends[index], line).to.include({ code, out: '' })
      expect(ends[index]?.err, line).to.match(message)
    }
  })

  it('can be ended while it waits for a server', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    scratch.closing({ close: async () => void silent.close() })
    const asked = new Promise((resolve) => silent.once('connection', resolve))
    const { port } = silent.address() as AddressInfo
    const running = carillon(['--server', `http://127.0.0.1:${port}`, '--', 'echo', 'x'])
    await asked
    running.child.kill('SIGTERM')
    expect(await running.ended).to.include({ code: 143, out: '', err: '' })
  })

  it('goes on while its server is away, and starts from the encrypted snapshot alone', async () => {
    const key = { CARILLON_SNAPSHOT_KEY: 'a passphrase of some length' }
    const running = carillon(['--poll', '0.1', '--', 'sh', '-c', PROGRAM], key)
    await heard(running, 'start 1')
    await server.close()
    await said(running, 'refused')
    running.child.kill('SIGTERM')
    expect(await running.ended).to.include({ code: 0, out: 'start 1\nterm 1\n' })
    const show = ['--', 'sh', '-c', 'echo $POOL']
    const [offline, away, wrong, other] = await Promise.all([
      carillon(['--offline', ...show], key).ended,
      carillon(['--timeout', '0.2', '--poll', '0', ...show], key).ended,
      carillon(['--offline', ...show], { CARILLON_SNAPSHOT_KEY: 'another passphrase' }).ended,
      carillon(['--offline', '--profile', 'x', ...show], key).ended,
    ])
    for (const end of [offline, away]) {
      expect(end, end.err).to.include({ code: 0, out: '1\n' })
      expect(end.err).to.contain('from the snapshot: 3 variables')
    }
    for (const end of [wrong, other]) expect(end).to.include({ code: 3, out: '' })
    expect(other.err).to.equal(
      '✗ There is no snapshot of application/x that can be used; one is written when the command runs without --offline.\n',
    )
  })

  it('lets the terminal send Ctrl-C once to a program that shares it, and hands it to one that does not', async function () {
    if (spawnSync('script', ['--version']).error !== undefined) {
      if (process.env.CI === 'true') throw new Error('script (util-linux) is not installed')
      return this.skip()
    }
    const program = join(cwd, 'program.sh')
    writeFileSync(
      program,
      `trap 'echo int >> said; [ $(wc -l < said) -ge 3 ] && exit 5' INT\necho start >> said\nwhile :; do sleep 0.02; done`,
    )
    for (const how of ['none', 'restart']) {
      writeFileSync(join(cwd, 'said'), '')
      const lines = () => readFileSync(join(cwd, 'said'), 'utf8').trim().split('\n')
      const words = commandLine(['run', '--on-change', how, '--', 'sh', program]).map((word) => `'${word}'`)
      const terminal = start(['script', '-qec', `exec ${words.join(' ')}`, '/dev/null'], {
        cwd,
        env: { ...env, TERM: 'xterm' },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      await eventually(lines, (said) => said.includes('start'))
      terminal.child.stdin?.write('\x03')
      await eventually(lines, (said) => said.length === 2)
      terminal.child.stdin?.write('\x03')
      expect((await terminal.ended).code, how).to.equal(5)
      expect(lines(), how).to.deep.equal(['start', 'int', 'int'])
    }
  })
})
