import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { ServerError } from '../../../server/src/errors.js'
import { type ReadView, type WalkBounds, walkBack } from '../../../server/src/sources/walk-back.js'
import { openContent } from '../../../server/src/trees/git/content.js'
import { isomorphic } from '../../../server/src/trees/git/isomorphic/index.js'
import type { Objects } from '../../../server/src/trees/git/objects.js'
import { findPlace } from '../../../server/src/trees/git/repository.js'
import type { Tree } from '../../../server/src/trees/tree.js'
import { openMemoryTree } from '../../tools/memory-tree.js'
import { git, makeScratch } from '../trees/repositories.js'

/** A view of the first of some files, which is bad unless it says `good`. */
const read: ReadView = async (tree, snapshot) => {
  const names = ['dir/stronger.yml', 'dir/a.yml', 'dir/other.yml']
  const present = await tree.present(snapshot, names)
  const file = await tree.read(snapshot, names.find((name) => present.has(name)) ?? '')
  if (Buffer.from(file?.bytes ?? '').toString() !== 'good') throw new ServerError('unreadable-file', 'bad')
}

describe('walkBack', () => {
  const scratch = makeScratch()
  after(() => scratch.clear())

  /** `good` once, then `bad` as often as it takes, each with a file beside it that changes. */
  const treeOf = (contents: readonly string[]) => {
    const tree = openMemoryTree({})
    const ids = contents.map((content, index) => tree.move('main', { 'dir/a.yml': content, 'dir/other.yml': String(index) }))
    return { tree, first: ids[0] ?? '', second: ids[1] ?? '', from: { id: ids.at(-1) ?? '' } }
  }

  const rows: readonly {
    readonly it: string
    readonly contents: readonly string[]
    readonly bounds?: Partial<WalkBounds>
    readonly found: boolean
    readonly isEnd: boolean
  }[] = [
    {
      it: 'finds what is just within its commits',
      contents: ['good', ...Array(5).fill('bad')],
      bounds: { commits: 5 },
      found: true,
      isEnd: true,
    },
    { it: 'ends with its commits', contents: ['good', ...Array(6).fill('bad')], bounds: { commits: 5 }, found: false, isEnd: true },
    {
      it: 'finds what is just within its attempts',
      contents: ['good', 'b1', 'b2', 'b3'],
      bounds: { attempts: 3 },
      found: true,
      isEnd: true,
    },
    { it: 'ends with its attempts', contents: ['good', 'b1', 'b2', 'b3'], bounds: { attempts: 2 }, found: false, isEnd: true },
    { it: 'ends where there is nothing before', contents: ['b1', 'b2'], found: false, isEnd: true },
    {
      it: 'does not take running out of time for an end',
      contents: ['good', 'b1', 'b2', 'b3'],
      bounds: { time: 1 },
      found: false,
      isEnd: false,
    },
  ]
  for (const { it: what, contents, bounds = {}, found, isEnd } of rows) {
    it(what, async () => {
      const { tree, first, second, from } = treeOf(contents)
      let now = 0
      const end = await walkBack({ tree, from, read, bounds, clock: () => now++ })
      expect(end).to.deep.equal({ found: found ? { id: first } : undefined, isEnd, ...(found ? { since: { id: second } } : {}) })
    })
  }

  it('tries a commit only where what was read for the view differs', async () => {
    const { tree, from } = treeOf(['good', ...Array(50).fill('bad')])
    await walkBack({ tree, from, read })
    expect(tree.reads).to.have.length(2)
  })

  it('tries a commit that has a file which was looked for and absent', async () => {
    const tree = openMemoryTree({})
    const good = tree.move('main', { 'dir/stronger.yml': 'good', 'dir/a.yml': 'bad' })
    const bad = tree.move('main', { 'dir/a.yml': 'bad' })
    expect((await walkBack({ tree, from: { id: bad }, read })).found).to.deep.equal({ id: good })
  })

  it('tries a commit that has a folder which was looked for and absent', async () => {
    const tree = openMemoryTree({})
    const good = tree.move('main', { 'dir/a.yml': 'bad', 'shop/a.yml': 'good' })
    const bad = tree.move('main', { 'dir/a.yml': 'bad' })
    const searching: ReadView = async (within, snapshot) => {
      const folders = (await within.list(snapshot, '')).map(({ name }) => name)
      const file = await within.read(snapshot, `${folders.includes('shop') ? 'shop' : 'dir'}/a.yml`)
      if (Buffer.from(file?.bytes ?? '').toString() !== 'good') throw new ServerError('unreadable-file', 'bad')
    }
    expect((await walkBack({ tree, from: { id: bad }, read: searching })).found).to.deep.equal({ id: good })
  })

  it('goes by first parents: what a merge brought in is of another line', async () => {
    const folder = scratch.folder()
    git(folder, 'init', '-q')
    const commit = (content: string): string => {
      execFileSync('mkdir', ['-p', join(folder, 'dir')])
      execFileSync('sh', ['-c', `printf '%s' "${content}" > dir/a.yml`], { cwd: folder })
      git(folder, 'add', '-A')
      git(folder, 'commit', '-q', '--allow-empty', '-m', content)
      return git(folder, 'rev-parse', 'HEAD')
    }
    const good = commit('good')
    git(folder, 'checkout', '-q', '-b', 'side')
    commit('bad')
    commit('good')
    commit('worse')
    git(folder, 'checkout', '-q', 'main')
    git(folder, 'merge', '-q', '--no-ff', '-m', 'merge', 'side')
    const tree = contentTree(await isomorphic.openObjects(await findPlace(join(folder, '.git'))))
    expect((await walkBack({ tree, from: { id: git(folder, 'rev-parse', 'HEAD') }, read })).found).to.deep.equal({ id: good })
  })

  it('reads at most three objects for each of 2,000 commits out of 10,000, and few where the good one is near', async () => {
    const folder = scratch.folder()
    git(folder, 'init', '-q', '--bare')
    execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input: [...stream(10_000)].join('') })
    const counted = counting(await isomorphic.openObjects(await findPlace(folder)))
    const from = { id: git(folder, 'rev-parse', 'main') }
    const far = await walkBack({ tree: contentTree(counted.objects), from, read, bounds: { time: 60_000 } })
    expect([far.found, counted.ids.size <= 3 * 2_001 + 2]).to.deep.equal([undefined, true])
    counted.ids.clear()
    const near = await walkBack({ tree: contentTree(counted.objects), from: { id: git(folder, 'rev-parse', 'near') }, read })
    expect([near.found?.id, counted.ids.size <= 3 * 5 + 2]).to.deep.equal([git(folder, 'rev-parse', 'near~4'), true])
  }).timeout(30_000)
})

function contentTree(objects: Objects): Tree {
  const none = async () => undefined
  return {
    ...openContent(objects),
    snapshot: none,
    current: () => undefined,
    labels: async () => [],
    keep: () => undefined,
    fetch: none,
    close: none,
  }
}

function counting(objects: Objects): { readonly objects: Objects; readonly ids: Set<string> } {
  const ids = new Set<string>()
  const note = <Result>(id: string, work: (id: string) => Result): Result => {
    ids.add(id)
    return work(id)
  }
  return { ids, objects: { ...objects, find: (id) => note(id, objects.find), tree: (id) => note(id, objects.tree) } }
}

/** As `git fast-import` reads it: good once, bad in each commit after it; `near` is good four commits before its tip. */
function* stream(commits: number): Generator<string> {
  yield commitOn('main', 'good', 0)
  for (let index = 1; index < commits; index++) yield commitOn('main', 'bad', index)
  yield 'reset refs/heads/near\nfrom refs/heads/main\n\n'
  yield commitOn('near', 'good', 0)
  for (let index = 1; index < 5; index++) yield commitOn('near', 'bad', index)
}

function commitOn(branch: string, content: string, index: number): string {
  return [
    `commit refs/heads/${branch}`,
    `committer a <a@x> ${index + 1} +0000`,
    'data 0',
    'M 100644 inline dir/a.yml',
    `data ${content.length}\n${content}`,
    'M 100644 inline other.yml',
    `data <<E\n${index}\nE\n\n`,
  ].join('\n')
}
