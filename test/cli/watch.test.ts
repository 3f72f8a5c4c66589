import { startFakeServer } from '@carillon/client/testing'
import { expect } from 'chai'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { eventually, makeScratch } from '../server/trees/repositories.js'
import { commandLine, commandsOf } from './commands.js'

const scratch = makeScratch()
const { run, start } = commandsOf(scratch)

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

describe('carillon watch', function () {
  this.timeout(60_000)
  let server: Serving
  let options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
  beforeEach(async () => {
    server = await serve({ files: { 'shop.yml': 'pool: 1\npassword: sesame\nold: x\n' } })
    options = { cwd: scratch.folder(), env: { CARILLON_URI: server.url } }
  })
  afterEach(async () => {
    await scratch.clear()
    await clearServing()
  })

  it('writes the version, then a line for each change, without secrets, until Ctrl-C', async () => {
    const watching = run(['watch', 'shop', '--poll', '0.1'], options)
    await eventually(watching.out, (out) => lines(out).length === 1)
    const second = server.commit({ 'shop.yml': 'pool: 2\npassword: open\nnew: [y]\n' })
    await eventually(watching.out, (out) => lines(out).length === 2)
    server.commit({ 'shop.yml': 'pool: 2 # the same\npassword: open\nnew: [y]\n' })
    const fourth = server.commit({ 'shop.yml': 'pool: 3\npassword: open\nnew: [y]\n' })
    await eventually(watching.out, (out) => lines(out).length === 3)
    watching.child.kill('SIGINT')
    const { code, out, err } = await watching.ended
    expect({ code, err }).to.deep.equal({ code: 130, err: '' })
    const [first, ...changes] = lines(out).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(first)
      .to.include({ type: 'version', target: 'shop', keys: 3 })
      .and.to.have.property('commit')
      .that.matches(/^[0-9a-f]{40}$/)
    expect(changes.map(({ type, commit, cause, changes: what }) => ({ type, commit, cause, what }))).to.deep.equal([
      {
        type: 'change',
        commit: second,
        cause: 'poll',
        what: {
          'new[0]': { op: 'add', now: 'y' },
          old: { op: 'del', was: 'x' },
          password: { op: 'set', was: '******', now: '******' },
          pool: { op: 'set', was: 1, now: 2 },
        },
      },
      { type: 'change', commit: fourth, cause: 'poll', what: { pool: { op: 'set', was: 2, now: 3 } } },
    ])
  })

  it('ends with 143 after SIGTERM, and with 3 where there is no server', async () => {
    const watching = run(['watch', 'shop'], options)
    await eventually(watching.out, (out) => lines(out).length === 1)
    watching.child.kill('SIGTERM')
    expect((await watching.ended).code).to.equal(143)
    expect((await run(['watch', 'shop', '--server', 'http://127.0.0.1:1'], options).ended).code).to.equal(3)
  })

  it('says once that a server is away, and that it is back, each time', async () => {
    let fake = await startFakeServer({ apps: { shop: { pool: 1 } } })
    const watching = run(['watch', 'shop', '--poll', '0.1', '--server', fake.url], options)
    await eventually(watching.out, (out) => lines(out).length === 1)
    for (const times of [1, 2]) {
      await fake.close()
      await eventually(watching.err, (err) => err.split('refused').length === times + 1)
      fake = await startFakeServer({ apps: { shop: { pool: 1 } }, port: Number(new URL(fake.url).port) })
      await eventually(watching.err, (err) => err.split('the server answers again').length === times + 1)
    }
    watching.child.kill('SIGINT')
    expect((await watching.ended).code).to.equal(130)
    expect(lines(watching.err()).map((line) => /refused|answers again/.exec(line)?.[0])).to.deep.equal([
      'refused',
      'answers again',
      'refused',
      'answers again',
    ])
    await fake.close()
  })

  it('ends when its reader has gone, though nothing changes', async () => {
    const words = commandLine(['watch', 'shop']).map((word) => `'${word}'`)
    const piped = start(['bash', '-c', `${words.join(' ')} | head -1; echo "\${PIPESTATUS[0]}"`], options)
    const { out, err } = await piped.ended
    expect(lines(out)).to.have.length(2).and.to.include('0')
    expect(err).to.equal('')
  })
})
