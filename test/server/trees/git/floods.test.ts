import { join } from 'node:path'
import { expect } from 'chai'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'

const scratch = makeScratch()

for (const engine of ['isomorphic', 'system'] as const) {
  async function stage(options: Partial<GitTreeOptions>) {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    const host = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const url = `${host.url}/work/.git`
    const tree = scratch.closing(openGitTree(gitOptions(url, join(folder, 'data/clone'), { engine, refreshRate: 3600, ...options })))
    await whenReady(tree)
    /** Looks at the refs; each begins with one request of this kind. */
    const looks = () => host.requests.filter(({ method, url: asked }) => method === 'GET' && asked.includes('/info/refs')).length
    return { work, host, tree, looks }
  }

  describe(`openGitTree, engine ${engine}, asked for what is not there`, () => {
    afterEach(() => scratch.clear())

    it('looks once for hundreds of made-up labels at once, and at most once a second for more of them', async () => {
      const { tree, looks, work } = await stage({})
      const before = looks()
      const begun = Date.now()
      const found = await Promise.all(Array.from({ length: 300 }, (_, index) => tree.snapshot(`made-up-${index}`)))
      expect(found.every((one) => one === undefined)).to.equal(true)
      // One, where this machine is not too busy to ask all of them within a second.
      expect(looks() - before).to.be.within(1, 1 + Math.floor((Date.now() - begun) / 1000))
      const started = Date.now()
      for (let index = 0; index < 300; index += 1) await tree.snapshot(`made-up-${index}-${index % 7}`)
      expect(looks() - before).to.be.at.most(2 + Math.ceil((Date.now() - started) / 1000))
      git(work, 'branch', 'real')
      await eventually(
        () => tree.snapshot('real'),
        (snapshot) => snapshot !== undefined,
      )
    })

    it('looks no more than a few times at a host that fails, whoever asks and however often, and takes up what is new when it is well', async () => {
      const { tree, host, looks, work } = await stage({ refreshRate: 2 })
      host.behave({ kind: 'status', status: 500 })
      const before = looks()
      const started = Date.now()
      const codes = new Set<unknown>()
      for (let round = 0; round < 20; round += 1) {
        const asked = [tree.fetch(AbortSignal.timeout(5000)), tree.fetch(AbortSignal.timeout(5000))]
        for (const outcome of await Promise.allSettled(asked))
          codes.add(outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'fetched')
        await Promise.all(Array.from({ length: 10 }, (_, index) => tree.snapshot(`made-up-${round}-${index}`)))
        expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      }
      expect(codes).to.deep.equal(new Set(['repository-failed']))
      // Five in a row, and then at most one in each pause of a second or two.
      expect(looks() - before).to.be.at.most(7 + Math.ceil((Date.now() - started) / 1000))
      const two = commit(work, { 'f.txt': 'two' })
      host.behave({ kind: 'serve' })
      await eventually(
        () => tree.current('main'),
        (id) => id === two,
      )
    })
  })
}
