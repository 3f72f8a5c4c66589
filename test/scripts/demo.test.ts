import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { eventually } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { startProgram } from '../tools/programs.js'

const script = join(import.meta.dirname, '../../scripts/demo.mjs')

describe('npm run demo', function () {
  this.timeout(120_000)
  let temporary: string
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'carillon-demo-test-'))
  })
  afterEach(() => rmSync(temporary, { recursive: true, force: true }))

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    startProgram({
      command: process.execPath,
      args: [script, ...args],
      cwd: tmpdir(),
      // Settings of whoever runs it would change what it shows.
      env: { TMPDIR: temporary, CARILLON_LABEL: 'nowhere', ORDERS_SHIPPING_FEE: '1', ...env },
    })

  /** Processes that have this folder in their arguments or their environment. */
  const leftRunning = () =>
    readdirSync('/proc').filter((id) => /^\d+$/.test(id) && ['cmdline', 'environ'].some((file) => mentions(id, file)))
  const mentions = (id: string, file: string) => {
    try {
      return readFileSync(join('/proc', id, file), 'utf8').includes(temporary)
    } catch {
      return false // it has ended
    }
  }

  const shown = (from: 'bus' | 'poll') => [
    /POST \/webhooks\/github, X-Hub-Signature-256: sha256=\w+… -> 202/,
    ...['one', 'two'].flatMap((name) => [
      new RegExp(`\\+ +\\d+ ms  ${name}     orders.shipping-fee: 4.90 -> 3.90`),
      new RegExp(`\\+ +\\d+ ms  ${name}     runs \\w{7} \\(heard by ${from}\\)`),
      new RegExp(`\\+ +\\d+ ms  ${name}     Configuration: \\w{10} is refused`),
      new RegExp(`${name}     GET /actuator/health -> 200 DEGRADED, runs \\w{7}, refused \\w{7}`),
      new RegExp(`${name}     GET /actuator/health -> 200 UP`),
    ]),
    /exit codes 0, 0, 0; nothing runs any more/,
  ]
  const expectShown = (text: string, patterns: readonly RegExp[]) => {
    const missing = patterns.filter((pattern) => !pattern.test(text))
    expect(missing, text).to.deep.equal([])
  }

  it('shows a commit, a webhook and two instances over a broker, with acks, and leaves nothing', async function () {
    const broker = (await useBroker(this, 'rabbitmq'))?.url ?? ''
    const demo = start([], { RABBITMQ_URL: broker })
    const { code } = await demo.ended
    expectShown(demo.said(), [...shown('bus'), /ack of one: applied/, /ack of two: rejected \(orders\.maxItems: invalid_type\)/])
    expect({ code, files: readdirSync(temporary), programs: leftRunning() }).to.deep.equal({ code: 0, files: [], programs: [] })
  })

  it('goes on without a broker', async () => {
    const demo = start(['--bus', 'none'])
    const { code } = await demo.ended
    expectShown(demo.said(), [...shown('poll'), /none: the instances ask/])
    expect({ code, files: readdirSync(temporary) }).to.deep.equal({ code: 0, files: [] })
  })

  it('leaves nothing when it is broken off', async () => {
    const demo = start(['--bus', 'none'])
    await demo.says(/two +http/, 60_000)
    const { code } = await demo.end()
    await eventually(leftRunning, (programs) => programs.length === 0)
    expect({ code, files: readdirSync(temporary) }).to.deep.equal({ code: 143, files: [] })
  })

  it('refuses a bus that it does not know', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--bus', 'pigeon'], { encoding: 'utf8' })
    expect({ status, stderr }).to.deep.equal({ status: 2, stderr: 'Got --bus pigeon, expected one of: rabbitmq, kafka, none\n' })
  })
})
