import { expect } from 'chai'
import { scalarText } from '../../../environment/src/index.js'
import type { ServerError } from '../../../server/src/errors.js'
import type { LastGood } from '../../../server/src/sources/last-good.js'
import { commitsOf } from '../../../server/src/sources/source.js'
import { type MemoryFiles, type MemoryTree, openMemoryTree } from '../../tools/memory-tree.js'
import { type OpenedSource, openSources, requestOf } from './opening.js'

/** Changes of one commit; `undefined` removes a file. */
type Change = Readonly<Record<string, string | undefined>>

const BAD = 'a: [1'

interface History {
  readonly tree: MemoryTree
  /** The id of each commit, from 1. */
  readonly ids: readonly string[]
}

/** One commit a change, each after the one before. */
function historyOf(changes: readonly Change[], label = 'main', tree = openMemoryTree({})): History {
  const files = new Map<string, string>()
  const ids = ['']
  for (const change of changes) {
    for (const [path, content] of Object.entries(change)) {
      if (content === undefined) files.delete(path)
      else files.set(path, content)
    }
    ids.push(tree.move(label, Object.fromEntries(files) as MemoryFiles))
  }
  return { tree, ids }
}

/** The values of `k`, strongest first, from which commits, and in brackets those that were wanted instead; or the code and place of the error. */
async function answer({ source }: OpenedSource, ids: readonly string[], path: string): Promise<string> {
  try {
    const { propertySources, pins, version } = await source.find(requestOf(path))
    const { served, skipped } = commitsOf(pins)
    expect(version).to.equal(served.join(','))
    const values = propertySources.flatMap(({ properties }) => [...properties.values()].map(({ value }) => scalarText(value)))
    const numbers = (commits: readonly string[]): string => commits.map((id) => ids.indexOf(id)).join(',')
    return `${values.join(' ')} of ${numbers(served)}${skipped.length === 0 ? '' : ` (${numbers(skipped)})`}`
  } catch (error) {
    const { code, place } = error as ServerError
    return `${code} ${place.file}:${place.line}`
  }
}

describe('createEffectiveViews', () => {
  const git = ['git.uri: file:///u']
  const base: Change = { 'application.yml': 'k: a1', 'orders.yml': 'k: o1' }

  const rows: readonly {
    readonly it: string
    readonly commits: readonly Change[]
    readonly settings?: readonly string[]
    readonly answers: Readonly<Record<string, string>>
  }[] = [
    { it: 'serves the wanted commit where it can be read', commits: [base], answers: { '/orders/x': 'o1 a1 of 1' } },
    {
      it: 'keeps everybody back for application.yml',
      commits: [base, { 'application.yml': BAD }],
      answers: { '/orders/x': 'o1 a1 of 1 (2)', '/billing/x': 'a1 of 1 (2)' },
    },
    {
      it: 'keeps back only the application whose file it is',
      commits: [base, { 'orders.yml': BAD, 'application.yml': 'k: a2' }],
      answers: { '/orders/x': 'o1 a1 of 1 (2)', '/billing/x': 'a2 of 2', '/orders,billing/x': 'o1 a1 of 1 (2)' },
    },
    {
      it: 'goes back over several bad commits in a row',
      commits: [base, { 'orders.yml': BAD }, { 'orders.yml': 'b: {' }, { 'orders.yml': BAD }],
      answers: { '/orders/x': 'o1 a1 of 1 (4)', '/billing/x': 'a1 of 4' },
    },
    {
      it: 'goes back over commits in which different files are bad',
      commits: [
        base,
        { 'orders.yml': BAD },
        { 'orders.yml': 'k: o2', 'application.yml': BAD },
        { 'orders.yml': BAD, 'application.yml': 'k: a2' },
      ],
      answers: { '/orders/x': 'o1 a1 of 1 (4)', '/billing/x': 'a2 of 4' },
    },
    {
      it: 'never mixes two commits: good changes beside a bad file wait with it',
      commits: [base, { 'orders.yml': BAD }, { 'application.yml': 'k: a2', 'orders-x.yml': 'k: x1' }],
      answers: { '/orders/x': 'o1 a1 of 1 (3)', '/orders/y': 'o1 a1 of 1 (3)', '/billing/x': 'a2 of 3' },
    },
    {
      it: 'takes the newest that can be read, not the one before the file was touched',
      commits: [
        base,
        { 'application.yml': 'k: a2' },
        { 'application.yml': 'k: a3' },
        { 'orders.yml': BAD },
        { 'application.yml': 'k: a4' },
      ],
      answers: { '/orders/x': 'o1 a3 of 3 (5)' },
    },
    {
      it: 'moves on when the file is mended',
      commits: [base, { 'orders.yml': BAD }, { 'application.yml': 'k: a2' }, { 'orders.yml': 'k: o2' }],
      answers: { '/orders/x': 'o2 a2 of 4' },
    },
    {
      it: 'moves on when the file is deleted',
      commits: [base, { 'orders.yml': BAD }, { 'orders.yml': undefined }],
      answers: { '/orders/x': 'a1 of 3' },
    },
    {
      it: 'goes back behind the commit that added the file',
      commits: [{ 'application.yml': 'k: a1' }, { 'orders.yml': BAD }],
      answers: { '/orders/x': 'a1 of 1 (2)' },
    },
    {
      it: 'says file and line where the first commit is bad already',
      commits: [{ 'application.yml': 'k: a1', 'orders.yml': BAD }, { 'application.yml': 'k: a2' }],
      answers: { '/orders/x': 'unreadable-file orders.yml:1', '/billing/x': 'a2 of 2' },
    },
    {
      it: 'keeps back only those whose profile reads the file',
      commits: [base, { 'orders-prod.yml': 'k: p1' }, { 'orders-prod.yml': BAD }],
      answers: { '/orders/prod': 'p1 o1 a1 of 2 (3)', '/orders/x,prod': 'p1 o1 a1 of 2 (3)', '/orders/x': 'o1 a1 of 3' },
    },
    {
      it: 'keeps back those who import the file, over several steps',
      commits: [
        {
          'orders.yml': 'spring.config.import: shared/db.yml',
          'shared/db.yml': 'spring.config.import: pool.yml',
          'shared/pool.yml': 'k: 1',
        },
        { 'shared/pool.yml': BAD },
        { 'application.yml': 'k: a' },
      ],
      answers: { '/orders/x': '1 pool.yml shared/db.yml of 1 (3)', '/billing/x': 'a of 3' },
    },
    {
      it: 'goes back behind the import of a file that was bad for long',
      commits: [{ ...base, 'old.yml': BAD }, { 'orders.yml': 'k: o2' }, { 'orders.yml': 'spring.config.import: old.yml' }],
      answers: { '/orders/x': 'o2 a1 of 2 (3)' },
    },
    {
      it: 'takes a directive where it may not stand for a bad commit',
      commits: [base, { 'orders-x.yml': 'spring.profiles.include: y' }, { 'application.yml': 'k: a2' }],
      answers: { '/orders/x': 'o1 a1 of 1 (3)', '/orders/y': 'o1 a2 of 3' },
    },
    {
      it: 'takes a placeholder of a directive that leads in a circle for a bad commit',
      commits: [base, { 'orders.yml': 'spring.config.import: "${p}"\np: "${q}"\nq: "${p}"' }],
      answers: { '/orders/x': 'o1 a1 of 1 (2)', '/billing/x': 'a1 of 2' },
    },
    {
      it: 'takes too many keys for a bad commit',
      commits: [base, { 'orders.yml': `l: [${'1,'.repeat(100_001)}]` }],
      answers: { '/orders/x': 'o1 a1 of 1 (2)' },
    },
    {
      it: 'looks at the search paths of each commit, placeholders and asterisks included',
      settings: ['git: {uri: "file:///u", search-paths: ["{application}", "team-*"]}'],
      commits: [
        { 'orders/application.yml': 'k: o1', 'team-a/application.yml': 'k: t1' },
        { 'orders/application.yml': BAD },
        { 'team-b/billing.yml': BAD },
      ],
      answers: { '/orders/x': 't1 o1 of 1 (3)', '/billing/x': 't1 of 2 (3)', '/other/x': 't1 of 3' },
    },
    {
      it: 'knows no exception for a label that is a commit of old',
      commits: [base, { 'orders.yml': BAD }, { 'orders.yml': 'k: o3' }],
      answers: { '/orders/x/v2': 'o1 a1 of 1 (2)', '/orders/x': 'o3 a1 of 3' },
    },
  ]
  for (const { it: what, commits, settings = git, answers } of rows) {
    it(what, async () => {
      const { tree, ids } = historyOf(commits)
      if (ids[2] !== undefined) tree.point('v2', ids[2])
      const opened = openSources(settings, { 'file:///u': tree })
      for (const [path, expected] of Object.entries(answers)) expect(await answer(opened, ids, path), path).to.equal(expected)
      for (const [path, expected] of Object.entries(answers)) expect(await answer(opened, ids, path), `again ${path}`).to.equal(expected)
    })
  }

  it('says Spring-like what is wrong where compatibility is strict', async () => {
    const { tree, ids } = historyOf([base, { 'orders.yml': BAD }])
    const opened = openSources([...git, 'carillon.strict-compat: true'], { 'file:///u': tree })
    expect(await answer(opened, ids, '/orders/x')).to.equal('unreadable-file orders.yml:1')
    expect(await answer(opened, ids, '/billing/x')).to.equal('a1 of 2')
  })

  it('takes each label of a list, and each member of a composite, back for itself', async () => {
    const { tree, ids } = historyOf([base, { 'orders.yml': BAD }])
    const feature = historyOf([{ 'orders.yml': 'k: f1' }, { 'orders.yml': 'k: f2' }], 'feature', tree)
    const labels = openSources(git, { 'file:///u': tree })
    const all = [...ids, ...feature.ids.slice(1)]
    expect(await answer(labels, all, '/orders/x/main,feature')).to.equal('f2 o1 a1 of 1,4 (2)')

    const other = historyOf([{ 'orders.yml': 'k: z1' }, { 'orders.yml': 'k: z2' }])
    const composite = openSources(['composite:', '  - {type: git, uri: "file:///u"}', '  - {type: git, uri: "file:///z"}'], {
      'file:///u': tree,
      'file:///z': other.tree,
    })
    const { propertySources, pins } = await composite.source.find(requestOf('/orders/x'))
    expect(propertySources.map(({ properties }) => properties.get('k')?.value)).to.deep.equal(['o1', 'a1', 'z2'])
    expect(commitsOf(pins)).to.deep.equal({ served: [ids[1], other.ids[2]], skipped: [ids[2]] })
  })

  it('lets the repository of a pattern answer with what it had, and nobody else', async () => {
    const { tree, ids } = historyOf([base, { 'orders.yml': BAD }])
    const settings = ['git: {uri: "file:///z", repos: {one: {pattern: orders, uri: "file:///u"}}}']
    const opened = openSources(settings, { 'file:///u': tree, 'file:///z': openMemoryTree({ main: { 'orders.yml': 'k: wrong' } }) })
    expect(await answer(opened, ids, '/orders/x')).to.equal('o1 a1 of 1 (2)')
    expect(opened.troubles).to.deep.equal([])
  })

  it('gives files from the commit of their view, and bytes where there is none', async () => {
    const { tree, ids } = historyOf([
      { ...base, 'n.conf': 'one', 'bad.yml': BAD },
      { 'orders.yml': BAD, 'n.conf': 'two' },
    ])
    const { source } = openSources(git, { 'file:///u': tree })
    const fileFor = async (path: string) => {
      const found = await source.findFile(requestOf(path), 'n.conf')
      return found && [Buffer.from(found.file.bytes).toString(), ids.indexOf(commitsOf(found.pins).served[0] ?? '')]
    }
    expect(await fileFor('/orders/x')).to.deep.equal(['one', 1])
    expect(await fileFor('/billing/x')).to.deep.equal(['two', 2])
    expect(await fileFor('/bad/x')).to.deep.equal(['two', 2])
  })

  it('goes back once for each view and commit, and holds its answer until the label moves', async () => {
    const { tree, ids } = historyOf([base, ...Array.from({ length: 20 }, (_, index) => ({ 'orders.yml': `${BAD}${index}` }))])
    const opened = openSources(git, { 'file:///u': tree })
    const { pins } = await opened.source.find(requestOf('/orders/x'))
    const before = tree.reads.length
    for (let count = 0; count < 10; count++) await opened.source.find(requestOf('/orders/x'))
    expect(tree.reads.length - before).to.equal(0)
    expect(pins.map((pin) => pin.isCurrent())).to.deep.equal([true])
    tree.move('main', { 'orders.yml': 'k: o9' })
    expect(pins.map((pin) => pin.isCurrent())).to.deep.equal([false])
    expect(await answer(opened, [...ids, tree.current('main') ?? ''], '/orders/x')).to.equal('o9 of 22')
  })

  it('tells once of each bad file of each commit, and no more once it is mended', async () => {
    const { tree, ids } = historyOf([base, { 'orders.yml': BAD }])
    const opened = openSources(git, { 'file:///u': tree })
    const now = async () =>
      (await opened.badFiles.all()).map(({ label, error, served }) => [label, error.place.file, error.place.line, served])
    expect(await now()).to.deep.equal([])
    for (const path of ['/orders/x', '/orders/y', '/orders/x,y', '/billing/x']) await answer(opened, ids, path)
    expect(opened.bad).to.have.length(1)
    expect(opened.bad[0]?.error.message).to.match(/^orders\.yml:1:\d+: expected /)
    expect(await now()).to.deep.equal([['main', 'orders.yml', 1, ids[1]]])
    tree.move('main', { 'orders.yml': `\n${BAD}` })
    expect(await now()).to.deep.equal([['main', 'orders.yml', 2, ids[1]]])
    tree.move('main', { 'orders.yml': 'k: o3' })
    expect(await now()).to.deep.equal([])
  })

  it('says file and line where what was before is not here, as in a shallow clone', async () => {
    const { tree, ids } = historyOf([base, { 'orders.yml': BAD }, { 'application.yml': 'k: a2' }])
    tree.lose(ids[1] ?? '')
    const opened = openSources(git, { 'file:///u': tree })
    expect(await answer(opened, ids, '/orders/x')).to.equal('unreadable-file orders.yml:1')
    expect(opened.bad.map(({ served }) => served)).to.deep.equal([undefined])
  })

  describe('where the way back leads to nothing good', () => {
    /** Remembers as the record does, without a disk. */
    const inMemory = (): LastGood => {
      const known = new Map<string, string>()
      return { note: (view, commit) => known.set(view, commit), get: async (view) => known.get(view), close: async () => undefined }
    }
    const pushedOver = async (lastGood: LastGood) => {
      const { tree, ids } = historyOf([base])
      const trees = { 'file:///u': tree }
      await openSources(git, trees, lastGood).source.find(requestOf('/orders/x'))
      tree.move('main')
      const bad = tree.move('main', { 'application.yml': 'k: a9', 'orders.yml': BAD })
      return { tree, trees, ids: [...ids, bad] }
    }

    it('serves what it served last, also after a restart: a force push to a bad line', async () => {
      const lastGood = inMemory()
      const { tree, trees, ids } = await pushedOver(lastGood)
      const restarted = openSources(git, trees, lastGood)
      expect(await answer(restarted, ids, '/orders/x')).to.equal('o1 a1 of 1 (2)')
      expect(await answer(restarted, ids, '/billing/x')).to.equal('a9 of 2')
      expect(await answer(restarted, ids, '/orders/y')).to.equal('unreadable-file orders.yml:1')
      expect([...tree.kept]).to.include(ids[1])
    })

    it('prefers an earlier commit of the line that is wanted', async () => {
      const lastGood = inMemory()
      const { tree, ids } = historyOf([base, { 'orders.yml': 'k: o2' }])
      const opened = openSources(git, { 'file:///u': tree }, lastGood)
      expect(await answer(opened, ids, '/orders/x')).to.equal('o2 a1 of 2')
      tree.point('main', ids[1] ?? '')
      const bad = tree.move('main', { 'orders.yml': BAD })
      expect(await answer(opened, [...ids, bad], '/orders/x')).to.equal('o1 a1 of 1 (3)')
    })

    it('says what is wrong where what it served last is gone', async () => {
      const lastGood = inMemory()
      const { tree, trees, ids } = await pushedOver(lastGood)
      tree.lose(ids[1] ?? '')
      expect(await answer(openSources(git, trees, lastGood), ids, '/orders/x')).to.equal('unreadable-file orders.yml:1')
    })

    it('takes what was recorded for what it is: another commit that cannot be read is not served', async () => {
      const lastGood = inMemory()
      const { trees, ids } = await pushedOver(lastGood)
      const lying: LastGood = { ...lastGood, get: async () => ids[2] }
      expect(await answer(openSources(git, trees, lying), ids, '/orders/x')).to.equal('unreadable-file orders.yml:1')
    })
  })
})
