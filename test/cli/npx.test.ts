import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { eventually, makeRepository } from '../server/trees/repositories.js'

const checkout = resolve(import.meta.dirname, '../..')

describe('npx carillon serve', function () {
  this.timeout(120_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-npx-'))
  })
  // The port is given back before the last record is written.
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))

  it('ends when npx is told to end, though npx passes nothing on, and gives its port back', async () => {
    const repository = makeRepository(join(folder, 'repository'), { 'shop.yml': 'a: 1\n' })
    const npx = spawn('npx', ['carillon', 'serve', repository, '--port', '0', '--data-folder', join(folder, 'data')], { cwd: checkout })
    const ended = new Promise((done) => npx.once('exit', done))
    let said = ''
    npx.stderr.on('data', (chunk) => {
      said += String(chunk)
    })
    const url = await eventually(
      () => /http:\/\/localhost:\d+/.exec(said)?.[0],
      (found) => found !== undefined,
      60_000,
    )
    expect((await fetch(`${url}/shop/default`)).status).to.equal(200)
    npx.kill('SIGTERM')
    await ended
    const refused = await eventually(
      () => fetch(`${url}/shop/default`).catch((error: Error) => (error.cause as NodeJS.ErrnoException).code),
      (answer) => answer === 'ECONNREFUSED',
    )
    expect(refused).to.equal('ECONNREFUSED')
  })
})
