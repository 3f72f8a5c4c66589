import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { type GitHttpServer, startGitHttp } from '../../tools/git-http.js'
import { clearStages, stage } from '../refresh/staging.js'
import { commit, eventually, type Files, git, makeRepository, write } from '../trees/repositories.js'
import { type Answered, clearServing, newFolder } from './serving.js'

const UNKNOWN = 'f'.repeat(40)
const FILES: Files = { 'shop.yml': 'a: 1\n', 'file.txt': 'one' }

const remotes: GitHttpServer[] = []

/** Not for the whole run: a hook outside of suites would be every suite's. */
const clear = async () => {
  await clearStages()
  await clearServing()
  for (const remote of remotes.splice(0)) await remote.close()
}

interface Asked {
  readonly ask: (target: string, commits?: string) => Promise<Answered>
  /** The work tree of the remote that is called `one`. */
  readonly work: string
  readonly remote: GitHttpServer
}

/** A server that never looks at its remotes by itself, and has seen them once. */
async function open(lines: (url: string) => readonly string[], profile = ''): Promise<Asked> {
  const root = newFolder()
  for (const name of ['one', 'two']) makeRepository(join(root, name), FILES)
  const remote = await startGitHttp({ root })
  remotes.push(remote)
  const staged = await stage({ settings: lines(remote.url), flags: profile === '' ? {} : { 'spring.profiles.active': profile } })
  const ask: Asked['ask'] = (target, commits) =>
    staged.ask(target, { headers: commits === undefined ? {} : { 'x-carillon-at-least': commits } })
  await eventually(
    () => ask('/shop/default'),
    ({ status }) => status === 200,
  )
  return { ask, work: join(root, 'one'), remote }
}

const lone = (url: string): readonly string[] => ['git:', `  uri: ${url}/one/.git`, '  refresh-rate: -1', '  clone-on-start: true']
const pair = (url: string): readonly string[] => [
  'composite:',
  ...['one', 'two'].flatMap((name) => ['- type: git', `  uri: ${url}/${name}/.git`, '  refresh-rate: -1', '  clone-on-start: true']),
]
/** Puts so many commits on a branch. */
function lengthen(work: string, count: number): void {
  const commits = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? 'from refs/heads/main^0\n' : ''
    return `commit refs/heads/main\ncommitter a <a@x> ${2_000_000_000 + index} +0000\ndata 0\n${from}`
  })
  execFileSync('git', ['fast-import', '--quiet'], { cwd: work, input: commits.join('') })
}
const versionOf = ({ text }: Answered): string => (JSON.parse(text) as { version: string }).version

describe('requireAtLeast', () => {
  afterEach(clear)

  it('asks for nothing where the commit is what is served, or an ancestor of it', async () => {
    const { ask, work, remote } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    const second = commit(work, { 'shop.yml': 'a: 2\n' })
    expect(versionOf(await ask('/shop/default', second))).to.equal(second)
    const before = remote.requests.length
    for (const told of [first, second, `${first},${second}`, `${first}, ${second}`])
      expect(versionOf(await ask('/shop/default', told))).to.equal(second)
    expect(remote.requests.length).to.equal(before)
  })

  it('fetches a commit that the server lacks, for every kind of answer', async () => {
    const { ask, work } = await open(lone)
    for (const [target, content] of [
      ['/shop/default', 'a: 2'],
      ['/shop-default.yml', 'a: 3'],
      ['/shop/default/main/shop.yml', 'a: 4'],
    ] as const) {
      await ask(target)
      const id = commit(work, { 'shop.yml': `${content}\n` })
      const { status, text } = await ask(target, id)
      expect([target, status]).to.deep.equal([target, 200])
      expect(text).to.contain(content.slice(-1))
    }
  })

  it('fetches a label that is as new as the commit', async () => {
    const { ask, work } = await open(lone)
    git(work, 'checkout', '-q', '-b', 'release')
    const id = commit(work, { 'shop.yml': 'a: 5\n' })
    expect((await ask('/shop/default/release')).status).to.equal(404)
    expect(versionOf(await ask('/shop/default/release', id))).to.equal(id)
    expect((await ask('/shop/default/none', UNKNOWN)).status).to.equal(404)
  })

  it('asks to come back where the commit is nowhere', async () => {
    const { ask } = await open(lone)
    const { status, headers, text } = await ask('/shop/default', UNKNOWN)
    expect([status, headers['retry-after'], JSON.parse(text).code]).to.deep.equal([503, '1', 'lagging'])
  })

  it('asks to come back within its time where the remote does not answer', async () => {
    const { ask, remote } = await open(lone)
    remote.behave({ kind: 'hang' })
    expect((await ask('/shop/default', UNKNOWN)).status).to.equal(503)
    expect((await ask('/shop/default')).status).to.equal(200)
  }).timeout(20_000)

  it('serves what came after a force push, to another line and back to an ancestor', async () => {
    const { ask, work } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    const second = commit(work, { 'shop.yml': 'a: 2\n' })
    expect(versionOf(await ask('/shop/default', second))).to.equal(second)
    git(work, 'reset', '-q', '--hard', first)
    const other = commit(work, { 'shop.yml': 'a: 3\n' })
    expect(versionOf(await ask('/shop/default', other))).to.equal(other)
    expect(versionOf(await ask('/shop/default', second))).to.equal(other)
    git(work, 'reset', '-q', '--hard', first)
    expect(versionOf(await ask('/shop/default', second))).to.equal(first)
    expect(versionOf(await ask('/shop/default', other))).to.equal(first)
  })

  it('looks for itself where a known commit is of another line: it may be the new one', async () => {
    const { ask, work } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    const side = commit(work, { 'shop.yml': 'a: 3\n' })
    git(work, 'branch', '-q', 'side')
    git(work, 'reset', '-q', '--hard', first)
    const main = commit(work, { 'shop.yml': 'a: 2\n' })
    expect(versionOf(await ask('/shop/default', main))).to.equal(main)
    git(work, 'reset', '-q', '--hard', 'side')
    expect(versionOf(await ask('/shop/default', side))).to.equal(side)
  })

  it('serves another line where the remote cannot be asked, but nothing that is behind', async () => {
    const { ask, work, remote } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    const second = commit(work, { 'shop.yml': 'a: 2\n' })
    expect(versionOf(await ask('/shop/default', second))).to.equal(second)
    git(work, 'reset', '-q', '--hard', first)
    const other = commit(work, { 'shop.yml': 'a: 3\n' })
    expect(versionOf(await ask('/shop/default', other))).to.equal(other)
    remote.behave({ kind: 'break' })
    expect((await ask('/shop/default', second)).status).to.equal(200)
    remote.behave({ kind: 'serve' })
    git(work, 'reset', '-q', '--hard', first)
    expect(versionOf(await ask('/shop/default', second))).to.equal(first)
    remote.behave({ kind: 'break' })
    expect((await ask('/shop/default', other)).status).to.equal(503)
  })

  it('serves what is too far away to tell once the remote was asked, and nothing before', async () => {
    const { ask, work, remote } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    lengthen(work, 10_050)
    const last = git(work, 'rev-parse', 'HEAD')
    const served = async (told: string): Promise<string> => {
      const isThere = ({ status }: Answered): boolean => status === 200
      return versionOf(await eventually(() => ask('/shop/default', told), isThere))
    }
    expect([await served(last), await served(first)]).to.deep.equal([last, last])
    remote.behave({ kind: 'break' })
    const { status, text } = await ask('/shop/default', first)
    expect([status, JSON.parse(text).code]).to.deep.equal([503, 'lagging'])
    remote.behave({ kind: 'serve' })
    git(work, 'reset', '-q', '--hard', first)
    expect((await ask('/shop/default', UNKNOWN)).status).to.equal(503)
    expect(await served(last)).to.equal(first)
    remote.behave({ kind: 'break' })
    expect((await ask('/shop/default', last)).status).to.equal(503)
  })

  it('does not take one label of several for another', async () => {
    const { ask, work } = await open(lone)
    const first = git(work, 'rev-parse', 'HEAD')
    git(work, 'checkout', '-q', '-b', 'feature')
    const feature = commit(work, { 'feature.yml': 'x: 1\n' })
    git(work, 'checkout', '-q', 'main')
    const main = commit(work, { 'shop.yml': 'a: 2\n' })
    git(work, 'branch', '-q', 'known', main)
    git(work, 'reset', '-q', '--hard', first)
    await ask('/shop/default/feature,known', feature)
    git(work, 'merge', '-q', '--ff-only', 'known')
    // `main` is behind the commit, which the server has as `known`; `feature` has nothing to do with it.
    expect(versionOf(await ask('/shop/default/feature,main', main))).to.equal(`${feature},${main}`)
  })

  it('finds the repository of a composite that has it, however the other one fares', async () => {
    const { ask, work } = await open(pair, 'composite')
    const id = commit(work, { 'shop.yml': 'a: 2\n' })
    const { status, headers } = await ask('/shop/default', id)
    expect([status, String(headers['x-carillon-commit']).startsWith(id)]).to.deep.equal([200, true])
    expect((await ask('/shop/default', UNKNOWN)).status).to.equal(503)
  })

  it('knows of a native folder nothing but what it is', async () => {
    const folder = newFolder()
    write(folder, { 'shop.yml': 'a: 1\n' })
    const { ask } = await stage({
      settings: ['native:', `  search-locations: file:${folder}`],
      flags: { 'spring.profiles.active': 'native' },
    })
    const asking = (told: string): Promise<Answered> => ask('/shop/default', { headers: { 'x-carillon-at-least': told } })
    const settled = await eventually(
      async () => {
        const { headers } = await ask('/shop/default')
        return (await asking(String(headers['x-carillon-commit']))).status
      },
      (status) => status === 200,
    )
    expect([settled, (await asking(UNKNOWN)).status]).to.deep.equal([200, 503])
  })

  it('refuses what is no commit', async () => {
    const { ask } = await open(lone)
    for (const told of [
      '',
      ' ',
      'main',
      'abc123',
      UNKNOWN.toUpperCase(),
      `${UNKNOWN}0`,
      `${UNKNOWN},`,
      `${UNKNOWN};x`,
      Array(65).fill(UNKNOWN).join(),
    ])
      expect([told, (await ask('/shop/default', told)).status]).to.deep.equal([told, 400])
  })
})
