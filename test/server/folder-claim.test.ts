import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { CLAIM_FILE, claimFolder, type FolderClaimOptions } from '../../server/src/folder-claim.js'
import { lifeOf, markOfThisProcess } from '../../server/src/this-process.js'
import { eventually, makeRepository, makeScratch } from './trees/repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const quick = { patience: 300, beat: 20, quiet: 150, look: 10 }
const elsewhere = { pid: 1, host: 'elsewhere', place: 'another-boot pid:[1]', started: '1' }

function setUp() {
  const folder = join(scratch.folder(), 'data')
  const told: string[] = []
  const claim = async (more: Partial<FolderClaimOptions> = {}) =>
    scratch.closing(
      await claimFolder({
        folder,
        what: 'data folder',
        remedy: 'choose another',
        onTrouble: (message) => told.push(message),
        times: quick,
        ...more,
      }),
    )
  const problemOf = (work: Promise<unknown>) => work.then(String, ({ code, message }: Error & { code: string }) => `${code}: ${message}`)
  const leave = (text: string) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, CLAIM_FILE), text)
  }
  const filesOf = () => readdirSync(folder)
  return { folder, told, claim, problemOf, leave, filesOf }
}

describe('claimFolder', () => {
  it('makes the folder, holds it, and leaves nothing', async () => {
    const { claim, filesOf, problemOf } = setUp()
    const first = await claim()
    expect(filesOf()).to.deep.equal([CLAIM_FILE])
    const refused = await problemOf(claim())
    expect(refused).to.match(
      /^invalid-settings: The data folder \S+ is in use by another Carillon, process \d+ on \S+, since 2.*Z: choose another$/,
    )
    expect(refused).to.contain(`process ${process.pid} `)
    await first.close()
    await first.close()
    expect(filesOf()).to.deep.equal([])
    await claim()
  })

  it('waits for one who is about to leave, and says so', async () => {
    const { claim, told } = setUp()
    const first = await claim()
    const second = claim({ times: { ...quick, patience: 10_000 } })
    await eventually(
      () => told.length,
      (count) => count > 0,
    )
    await first.close()
    await second
    expect(told).to.have.length(1)
    expect(told[0]).to.contain('waiting 10 s for it')
  })

  it('takes over at once from a process that is gone, and from one whose id is used again', async () => {
    const self = await markOfThisProcess()
    for (const gone of [
      { ...self, pid: 4_194_304 },
      { ...self, started: '1' },
    ]) {
      const { claim, leave, told } = setUp()
      leave(JSON.stringify(gone))
      await claim({ times: { ...quick, quiet: 3_600_000 } })
      expect(told).to.deep.equal([])
    }
  })

  it('watches one in another container for signs of life', async () => {
    for (const text of [JSON.stringify(elsewhere), '', '{"pid":']) {
      const { claim, leave, filesOf } = setUp()
      leave(text)
      await claim({ times: { ...quick, patience: 5000 } })
      expect(filesOf()).to.deep.equal([CLAIM_FILE])
    }
    const { claim, problemOf } = setUp()
    await claim({ self: elsewhere })
    expect(await problemOf(claim({ times: { ...quick, patience: 600 } }))).to.contain('process 1 on elsewhere')
  })

  it('does not watch where the last sign of life was long ago', async () => {
    const { claim, folder, leave } = setUp()
    leave(JSON.stringify(elsewhere))
    utimesSync(join(folder, CLAIM_FILE), 1, 1)
    await claim({ times: { ...quick, patience: 5000, quiet: 3_600_000 } })
  })

  it('lets one of many have what another left', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { claim, leave, problemOf, filesOf } = setUp()
      leave(JSON.stringify({ ...(await markOfThisProcess()), started: '1' }))
      const ended = await Promise.all(Array.from({ length: 8 }, () => problemOf(claim())))
      expect(ended.filter((end) => !end.startsWith('invalid-settings'))).to.have.length(1)
      expect(filesOf()).to.deep.equal([CLAIM_FILE])
    }
  })

  it('says so where somebody took it nevertheless, and leaves what is theirs', async () => {
    const { claim, leave, told, folder } = setUp()
    const first = await claim()
    leave(JSON.stringify(elsewhere))
    await eventually(
      () => told.length,
      (count) => count > 0,
    )
    expect(told[0]).to.contain('Another server has taken the data folder')
    await first.close()
    expect(readFileSync(join(folder, CLAIM_FILE), 'utf8')).to.contain('elsewhere')
  })

  it('claims again what a cleaner took away', async () => {
    const { claim, folder, filesOf, told } = setUp()
    await claim()
    rmSync(join(folder, CLAIM_FILE))
    await eventually(filesOf, (files) => files.length === 1)
    expect(told).to.deep.equal([])
  })

  it('does without where the folder cannot be written, and says so', async () => {
    const { claim, told, folder } = setUp()
    writeFileSync(folder, 'a file')
    await claim()
    expect(told[0]).to.contain('cannot be claimed')
  })
})

describe('lifeOf', () => {
  it('takes a process that ended for gone, although nobody waited for it', async function () {
    const self = await markOfThisProcess()
    if (self.place === undefined) this.skip()
    // Who becomes another program does not wait for the child that it began.
    const parent = spawn('sh', ['-c', 'sleep 20 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const close = async () => void parent.kill('SIGKILL')
    scratch.closing({ close })
    const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)))
    const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
    expect(await lifeOf({ ...self, pid, started }, self)).to.equal('running')
    // As long as it is the shell, it may still wait.
    await eventually(
      () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8'),
      (name) => name === 'sleep\n',
    )
    process.kill(pid, 'SIGKILL')
    await eventually(
      () => lifeOf({ ...self, pid, started }, self),
      (life) => life === 'gone',
    )
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).to.contain(') Z ')
  })
})

describe('two servers', () => {
  const launcher = fileURLToPath(new URL('../../cli/bin/carillon.js', import.meta.url))

  function run(folder: string, repository: string) {
    const args = [launcher, 'serve', repository, '--port', '0', '--data-folder', join(folder, 'data')]
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing')))
    const close = async () => {
      child.kill('SIGKILL')
      await ended
    }
    const url = () => /http:\/\/localhost:\d+/.exec(said)?.[0]
    const ready = () => eventually(url, (found) => found !== undefined)
    return scratch.closing({ child, said: () => said, ended, ready, close })
  }

  it('do not share a data folder; one that was killed locks nobody out', async function () {
    this.timeout(60_000)
    const folder = scratch.folder()
    const repository = makeRepository(join(folder, 'repo'), { 'shop.yml': 'a: 1\n' })
    const first = run(folder, repository)
    const url = await first.ready()
    const second = run(folder, repository)
    expect(await second.ended).to.equal(2)
    expect(second.said()).to.contain(`is in use by another Carillon, process ${first.child.pid}`).and.contain('--data-folder')
    expect((await fetch(`${url}/shop/default`)).status).to.equal(200)
    first.child.kill('SIGKILL')
    await first.ended
    const third = run(folder, repository)
    await third.ready()
    // Nobody waited for signs of life: the process was seen to be gone.
    expect(third.said()).to.not.contain('in use')
    // Who is told to stop makes room for who waits.
    const fourth = run(folder, repository)
    await eventually(fourth.said, (said) => said.includes('waiting'))
    third.child.kill('SIGTERM')
    await fourth.ready()
  })
})
