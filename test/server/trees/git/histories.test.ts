import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'

const scratch = makeScratch()
const soon = () => AbortSignal.timeout(10_000)
const idOf = (work: string, name: string) => git(work, 'rev-parse', name)

/** An old line that has nothing to do with the others. */
function orphan(work: string, branch: string, content: string): string {
  git(work, 'checkout', '-q', '--orphan', branch)
  const id = commit(work, { 'f.txt': content })
  git(work, 'checkout', '-q', 'main')
  return id
}

for (const engine of ['isomorphic', 'system'] as const) {
  for (const layout of ['local', 'cloned'] as const) {
    /** A repository at `work`, and how it is opened: in place, or as a clone of a Git host. */
    const stage = async (more: Partial<GitTreeOptions> = {}) => {
      const folder = scratch.folder()
      const work = join(folder, 'srv/work')
      const host = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      const open = async (name = 'work') => {
        const uri = layout === 'local' ? join(folder, 'srv', name) : `${host.url}/${name}/.git`
        const tree = scratch.closing(openGitTree(gitOptions(uri, join(folder, 'data', name), { engine, ...more })))
        await whenReady(tree)
        return tree
      }
      return { folder, work, open }
    }

    describe(`openGitTree, engine ${engine}, ${layout}, histories`, () => {
      afterEach(() => scratch.clear())

      it('knows tags of tags, a branch and a tag of one name, parts of ids, merges, and refs that are packed', async () => {
        const { work, open } = await stage()
        makeRepository(work, { 'f.txt': 'one' })
        const one = idOf(work, 'main')
        for (const [name, target] of [
          ['annotated', 'main'],
          ['nested', 'annotated'],
          ['deeper', 'nested'],
        ] as const)
          git(work, 'tag', '-a', name, target, '-m', name)
        git(work, 'tag', 'both')
        git(work, 'checkout', '-q', '-b', 'side')
        const side = commit(work, { 'g.txt': 'side' })
        git(work, 'branch', 'both')
        git(work, 'checkout', '-q', 'main')
        git(work, 'merge', '-q', '--no-ff', '-m', 'merge', 'side')
        const merge = idOf(work, 'main')
        git(work, 'gc', '-q')
        const tree = await open()
        const expected = {
          main: merge,
          HEAD: merge,
          annotated: one,
          nested: one,
          deeper: one,
          both: layout === 'local' ? one : side,
          'refs/tags/both': one,
          [merge.slice(0, 9)]: merge,
          [side.slice(0, 9)]: side,
          [idOf(work, 'refs/tags/deeper')]: one,
        }
        for (const [label, id] of Object.entries(expected)) expect((await tree.snapshot(label))?.id, label).to.equal(id)
        expect(await text(tree, 'main', 'g.txt')).to.equal('side')
        expect(await tree.parent({ id: merge })).to.deep.equal({ id: one })
        expect(await tree.reach({ id: merge }, side)).to.equal('reached')
      })

      it('follows a force push to a line of its own, moved tags, and a branch that is made again elsewhere', async () => {
        for (const deleteUntrackedBranches of [false, true]) {
          const { work, open } = await stage({ deleteUntrackedBranches })
          makeRepository(work, { 'f.txt': 'one' })
          const one = idOf(work, 'main')
          git(work, 'branch', 'side')
          git(work, 'tag', 'light')
          git(work, 'tag', '-a', 'annotated', '-m', 'x')
          const tree = await open()
          const all = async () => {
            await tree.fetch(soon())
            return Promise.all(['main', 'side', 'light', 'annotated'].map(async (label) => (await tree.snapshot(label))?.id))
          }
          expect(await all()).to.deep.equal([one, one, one, one])
          git(work, 'branch', '-D', 'side')
          const other = orphan(work, 'other', 'other')
          git(work, 'reset', '-q', '--hard', other)
          git(work, 'tag', '-f', 'light')
          git(work, 'tag', '-f', '-a', 'annotated', '-m', 'y')
          const isKept = layout === 'cloned' && !deleteUntrackedBranches
          expect(await all()).to.deep.equal([other, isKept ? one : undefined, other, other])
          const again = orphan(work, 'side', 'again')
          expect(await all()).to.deep.equal([other, again, other, other])
          expect(await text(tree, 'side', 'f.txt')).to.equal('again')
          await scratch.clear()
        }
      })

      it('begins with nothing, and reads a shallow repository to where it was cut off', async () => {
        const { folder, work, open } = await stage()
        makeRepository(join(folder, 'deep'), { 'f.txt': 'one' })
        for (const content of ['two', 'three']) commit(join(folder, 'deep'), { 'f.txt': content })
        git(folder, 'clone', '-q', '--depth', '2', `file://${folder}/deep`, work)
        git(folder, 'init', '-q', 'srv/empty')
        const empty = await open('empty')
        expect(await empty.snapshot('main')).to.equal(undefined)
        const tree = await open()
        const [three, two] = [idOf(work, 'main'), idOf(work, 'main~1')]
        expect(await text(tree, 'main', 'f.txt')).to.equal('three')
        expect(await tree.parent({ id: three })).to.deep.equal({ id: two })
        expect(await tree.parent({ id: two })).to.equal(undefined)
        if (layout === 'cloned')
          expect(git(join(folder, 'data/work'), 'log', '--format=%H', 'refs/remotes/origin/main')).to.equal(`${three}\n${two}`)
        const four = commit(work, { 'f.txt': 'four' })
        await tree.fetch(soon())
        expect((await tree.snapshot('main'))?.id).to.equal(four)
        expect(await text(tree, 'main', 'f.txt')).to.equal('four')
        expect(await tree.parent({ id: four })).to.deep.equal({ id: three })
        git(layout === 'cloned' ? join(folder, 'data/work') : work, 'gc', '-q')
        expect(await text(tree, 'main', 'f.txt')).to.equal('four')
        commit(join(folder, 'srv/empty'), { 'f.txt': 'born' })
        await empty.fetch(soon())
        expect(await text(empty, 'main', 'f.txt')).to.equal('born')
      })

      it('tells names apart by case and by form, and finds those that are not UTF-8', async () => {
        const { work, open } = await stage()
        makeRepository(work, { 'shop.yml': 'small', 'Shop.yml': 'large', 'd\u00e9.yml': 'composed', 'de\u0301.yml': 'decomposed' })
        const old = (name: string) => Buffer.concat([Buffer.from(`${work}/`), Buffer.from(name, 'latin1')])
        writeFileSync(old('caf\u00e9.yml'), 'latin1')
        writeFileSync(old('d\u00e9.yml'), 'hidden by the one in UTF-8')
        commit(work, {})
        const tree = await open()
        const expected = {
          'shop.yml': 'small',
          'Shop.yml': 'large',
          'SHOP.yml': undefined,
          'd\u00e9.yml': 'composed',
          'de\u0301.yml': 'decomposed',
          'caf\u00e9.yml': 'latin1',
          'caf\ufffd.yml': undefined,
        }
        for (const [name, content] of Object.entries(expected)) expect(await text(tree, 'main', name), name).to.equal(content)
        const names = (await tree.list((await tree.snapshot('main')) ?? { id: '' }, '')).map(({ name }) => name)
        expect(names).to.deep.equal([...new Set(names)].sort())
        expect(names).to.include('caf\u00e9.yml')
      })

      it('never leaves the repository by a link, of a file or of a folder', async () => {
        const { folder, work, open } = await stage()
        makeRepository(work, { 'in/f.txt': 'inside' })
        writeFileSync(join(folder, 'secret'), 'secret')
        for (const [name, target] of [
          ['abs', join(folder, 'secret')],
          ['up', '../../secret'],
          ['folder', folder],
          ['near', 'in'],
        ] as const)
          git(work, 'update-index', '--add', '--cacheinfo', `120000,${hashOf(work, target)},${name}`)
        git(work, 'commit', '-q', '-m', 'links')
        const tree = await open()
        const now = (await tree.snapshot('main')) ?? { id: '' }
        expect((await tree.list(now, '')).map(({ name, kind }) => `${name} ${kind}`)).to.include.members([
          'abs link',
          'up link',
          'near link',
        ])
        for (const path of ['abs', 'up', 'folder', 'folder/secret', 'near', 'near/f.txt'])
          expect(await tree.read(now, path), path).to.equal(undefined)
      })

      it('keeps reading while somebody else repacks and prunes', async () => {
        const { folder, work, open } = await stage()
        makeRepository(work, { 'f.txt': '0' })
        const ids = Array.from({ length: 4 }, (_, index) => commit(work, { 'f.txt': `text ${index}` }))
        const tree = await open()
        const place = layout === 'local' ? work : join(folder, 'data/work')
        for (let round = 0; round < 3; round += 1) {
          git(place, 'repack', '-adfq')
          git(place, '-c', 'gc.pruneExpire=now', 'gc', '-q')
          for (const [index, id] of ids.entries()) expect(await text(tree, id, 'f.txt')).to.equal(`text ${index}`)
          ids.push(commit(work, { 'f.txt': `text ${ids.length}` }))
          await tree.fetch(soon())
        }
        await eventually(
          () => tree.current('main'),
          (id) => id === ids.at(-1),
        )
      })
    })
  }
}

function hashOf(work: string, content: string): string {
  writeFileSync(join(work, '.git/link-target'), content)
  return git(work, 'hash-object', '-w', '.git/link-target')
}
