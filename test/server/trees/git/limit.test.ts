import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const MEBIBYTE = 1024 * 1024
const fetched = () => AbortSignal.timeout(10_000)

for (const engine of ['isomorphic', 'system'] as const) {
  describe(`openGitTree, engine ${engine}, with a limit of disk`, () => {
    async function setUp() {
      const folder = scratch.folder()
      const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
      const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      const place = join(folder, 'data/clone')
      const open = (options: Partial<GitTreeOptions> = {}) =>
        scratch.closing(openGitTree(gitOptions(`${server.url}/work/.git`, place, { engine, maxDisk: MEBIBYTE, ...options })))
      return { work, server, place, open }
    }
    const packsAsked = (requests: readonly { readonly method: string }[]) => requests.filter(({ method }) => method === 'POST').length

    it('stops a fetch that would pass it, says so, and serves what it has', async () => {
      const { work, server, place, open } = await setUp()
      const tree = open()
      await whenReady(tree)
      const before = readdirSync(join(place, 'objects/pack'))
      commit(work, { 'f.txt': 'two', 'large.bin': randomBytes(3 * MEBIBYTE) })
      const error = await tree.fetch(fetched()).then(String, ({ message }: Error) => message)
      expect(error).to.match(/^the repository http:\S+ cannot be fetched: it was stopped after \d+ bytes had come/)
      expect(error).to.contain('carillon.git.max-disk allows 1048576 bytes')
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(tree.status()).to.include({ state: 'ready' })
      expect(readdirSync(join(place, '..'))).to.deep.equal(['clone'])
      expect(readdirSync(join(place, 'objects/pack'))).to.deep.equal(before)
      expect(readdirSync(join(place, 'incoming'))).to.deep.equal([])
      // It is not brought up to the limit at each look.
      const asked = packsAsked(server.requests)
      expect(await tree.fetch(fetched()).then(String, ({ message }: Error) => message)).to.contain('max-disk')
      expect(packsAsked(server.requests) - asked).to.be.at.most(engine === 'system' ? 1 : 0)
    })

    it('does not clone what is larger', async () => {
      const { work, place, open } = await setUp()
      commit(work, { 'large.bin': randomBytes(3 * MEBIBYTE) })
      const tree = open()
      await eventually(
        () => tree.status().state,
        (state) => state === 'failed',
      )
      expect(tree.status().lastError).to.contain('cannot be cloned: it was stopped after')
      expect(readdirSync(join(place, '..'))).to.deep.equal([])
    })

    it('makes a clone anew that grew by what nobody needs any more', async () => {
      const { work, place, open } = await setUp()
      const tree = open()
      await whenReady(tree)
      for (const name of ['two', 'three']) {
        commit(work, { 'f.txt': name, 'large.bin': randomBytes(MEBIBYTE * 0.6) })
        await tree.fetch(fetched())
        expect(await text(tree, 'main', 'f.txt')).to.equal(name)
        git(work, 'reset', '-q', '--hard', 'HEAD~1')
      }
      expect(tree.status().disk?.bytes).to.be.lessThan(MEBIBYTE)
      expect(readdirSync(join(place, '..'))).to.deep.equal(['clone'])
    })

    it('has none where it is 0', async () => {
      const { work, open } = await setUp()
      commit(work, { 'large.bin': randomBytes(3 * MEBIBYTE) })
      const tree = open({ maxDisk: 0 })
      await whenReady(tree)
      await eventually(
        () => tree.status().disk?.bytes ?? 0,
        (bytes) => bytes > 3 * MEBIBYTE,
      )
    })
  })
}
