import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { storePack } from '../../../../server/src/trees/git/isomorphic/packs.js'
import { git, makeRepository, makeScratch } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

/** A pack of everything in a repository with one file of so many random bytes, and an empty repository for it. */
function setUp(bytes: number): { readonly pack: Buffer; readonly gitdir: string; readonly head: string } {
  const folder = scratch.folder()
  const work = makeRepository(join(folder, 'work'), { 'f.bin': randomBytes(bytes), 'g.txt': 'g' })
  const pack = execFileSync('git', ['pack-objects', '--all', '--stdout', '-q'], { cwd: work, input: '', maxBuffer: 1 << 26 })
  git(folder, 'init', '-q', '--bare', 'empty.git')
  return { pack, gitdir: join(folder, 'empty.git'), head: git(work, 'rev-parse', 'HEAD') }
}

async function* inPieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

const live = () => new AbortController().signal

describe('storePack', () => {
  for (const [size, bytes] of [
    ['small', 100],
    ['large', 1_000_000],
  ] as const) {
    it(`puts a ${size} pack where git finds all that is in it`, async () => {
      const { pack, gitdir, head } = setUp(bytes)
      await storePack(gitdir, inPieces(pack), live())
      git(gitdir, 'update-ref', 'refs/heads/main', head)
      expect(git(gitdir, 'fsck', '--full', '--strict')).to.equal('')
      expect(git(gitdir, 'show', 'main:g.txt')).to.equal('g')
      expect(readdirSync(join(gitdir, 'incoming'))).to.deep.equal([])
    })

    it(`leaves nothing of a ${size} pack that is no such`, async () => {
      const { gitdir } = setUp(1)
      const content = randomBytes(bytes)
      const error = await storePack(gitdir, inPieces(content), live()).catch((reason: Error) => reason.message)
      expect(error).to.contain('damaged pack')
      expect([...readdirSync(join(gitdir, 'incoming')), ...readdirSync(join(gitdir, 'objects/pack'))]).to.deep.equal([])
    })
  }

  it('stops when the signal says so', async () => {
    const { pack, gitdir } = setUp(20_000_000)
    const stop = new AbortController()
    const storing = storePack(gitdir, inPieces(pack), stop.signal).catch((reason: Error) => reason.message)
    const isWritten = () => existsSync(join(gitdir, 'incoming')) && readdirSync(join(gitdir, 'incoming')).length > 0
    while (!isWritten()) await new Promise(setImmediate)
    stop.abort(new Error('enough'))
    expect(await storing).to.equal('enough')
    expect([...readdirSync(join(gitdir, 'incoming')), ...readdirSync(join(gitdir, 'objects/pack'))]).to.deep.equal([])
  })

  it('says that there are no descriptors left to index a large pack with, and the process lives on', () => {
    const { pack, gitdir } = setUp(200_000)
    writeFileSync(`${gitdir}.pack`, pack)
    const script = `
      import { openSync, readFileSync } from 'node:fs'
      import { writeIndexed } from ${JSON.stringify(new URL('../../../../server/src/trees/git/isomorphic/packs.ts', import.meta.url).href)}
      const gitdir = ${JSON.stringify(gitdir)}
      const pack = readFileSync(gitdir + '.pack')
      const beforeIndex = () => {
        try {
          for (;;) openSync(gitdir, 'r')
        } catch {}
      }
      const chunks = (async function* () { yield pack })()
      const work = writeIndexed({ folder: gitdir, gitdir, chunks, beforeIndex }, new AbortController().signal)
      console.log(await work.catch(({ code }) => code))
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log('alive')`
    const node = [process.execPath, '--import', 'tsx/esm', '--conditions', '@carillon/source', '--input-type', 'module', '--eval', script]
    const root = new URL('../../../../', import.meta.url)
    const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 200 && exec "$@"', 'sh', ...node], { cwd: root, encoding: 'utf8' })
    expect(stdout, stderr).to.equal('EMFILE\nalive\n')
  })
})
