import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openGitTree } from '../../../../server/src/trees/git/index.js'
import { openBatch } from '../../../../server/src/trees/git/system/batch.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'
import { childrenWith, processesWith } from './processes.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const open = (uri: string, place = '', more = {}) => scratch.closing(openGitTree(gitOptions(uri, place, more)))
const failureOf = (work: Promise<unknown>): Promise<{ readonly code?: string; readonly message: string }> =>
  work.then(
    (value) => ({ message: `no failure: ${JSON.stringify(value)}` }),
    (error) => error,
  )
const GIT_KNOWS_REFTABLE = versionOfGit() >= 2.45

function versionOfGit(): number {
  return Number.parseFloat(/\d+\.\d+/.exec(git('/', 'version'))?.[0]?.replace(/\.(\d)$/, '.0$1') ?? '0')
}

/** Repositories that isomorphic-git cannot read; where people work in them, and where to serve them from. */
const unusual: ReadonlyArray<readonly [string, (folder: string) => { readonly work: string; readonly served: string }]> = [
  [
    'sha256',
    (folder) => {
      git(folder, 'init', '-q', '--object-format=sha256', 'r')
      commit(join(folder, 'r'), { 'f.txt': 'one' })
      return { work: join(folder, 'r'), served: join(folder, 'r') }
    },
  ],
  [
    'linked work tree',
    (folder) => {
      git(makeRepository(join(folder, 'r'), { 'f.txt': 'one' }), 'worktree', 'add', '-q', '../linked')
      return { work: join(folder, 'r'), served: join(folder, 'linked') }
    },
  ],
  [
    'alternates',
    (folder) => {
      git(folder, 'clone', '-q', '--shared', makeRepository(join(folder, 'r'), { 'f.txt': 'one' }), 'shared')
      return { work: join(folder, 'shared'), served: join(folder, 'shared') }
    },
  ],
  [
    'partial clone',
    (folder) => {
      git(folder, 'clone', '-q', '--filter=blob:none', `file://${makeRepository(join(folder, 'r'), { 'f.txt': 'one' })}`, 'partial')
      return { work: join(folder, 'partial'), served: join(folder, 'partial') }
    },
  ],
  ...(GIT_KNOWS_REFTABLE
    ? [
        [
          'reftable',
          (folder: string) => {
            git(folder, 'init', '-q', '--ref-format=reftable', 'r')
            commit(join(folder, 'r'), { 'f.txt': 'one' })
            return { work: join(folder, 'r'), served: join(folder, 'r') }
          },
        ] as const,
      ]
    : []),
]

describe('openGitTree, a local repository that only git can read', () => {
  for (const [name, make] of unusual) {
    it(`reads and follows it: ${name}`, async () => {
      const { work, served } = make(scratch.folder())
      const tree = open(served)
      const one = git(work, 'rev-parse', 'HEAD')
      expect((await tree.snapshot('main'))?.id).to.equal(one)
      expect((await tree.snapshot(one.slice(0, 10)))?.id).to.equal(one)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      const two = commit(work, { 'f.txt': 'two' })
      git(work, 'tag', '-a', 'v1', '-m', 'x')
      await eventually(
        () => tree.current('main'),
        (id) => id === two,
        1500,
      )
      expect(await text(tree, 'v1', 'f.txt')).to.equal('two')
      expect(await tree.labels()).to.include.members(['main', 'v1'])
      expect(await tree.reach({ id: two }, one)).to.equal('reached')
      expect((await tree.authored({ id: two }))?.author).to.equal('a')
    })

    it(`is named where isomorphic-git has to do, and where there is no git: ${name}`, async () => {
      const { served } = make(scratch.folder())
      const refused = await failureOf(open(served, '', { engine: 'isomorphic' }).snapshot('main'))
      expect(refused).to.include({ code: 'repository-failed' })
      expect(refused.message).to.contain(name).and.contain('carillon.git.engine')
      withoutGit()
      const absent = await failureOf(open(served).snapshot('main'))
      expect(absent).to.include({ code: 'repository-failed' })
      expect(absent.message).to.contain(name).and.contain('there is no git in PATH: install git')
    })
  }

  it('gives each work tree its own HEAD, and the same branches', async () => {
    const folder = scratch.folder()
    const root = makeRepository(join(folder, 'r'), { 'f.txt': 'main' })
    git(root, 'worktree', 'add', '-q', '-b', 'side', '../linked')
    const side = commit(join(folder, 'linked'), { 'f.txt': 'side' })
    const tree = open(join(folder, 'linked'))
    expect((await tree.snapshot('HEAD'))?.id).to.equal(side)
    expect(await text(tree, 'main', 'f.txt')).to.equal('main')
  })

  it('never fetches what a partial clone lacks, and reads what it has', async () => {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'r'), { 'f.txt': 'old' })
    const old = git(work, 'rev-parse', 'HEAD')
    commit(work, { 'f.txt': 'new', 'g.txt': 'g' })
    git(work, 'config', 'uploadpack.allowFilter', 'true')
    git(folder, 'clone', '-q', '--filter=blob:none', `file://${work}`, 'partial')
    const tree = open(join(folder, 'partial'))
    const lacking = await failureOf(text(tree, old, 'f.txt'))
    expect(lacking).to.include({ code: 'repository-failed' })
    expect(await text(tree, 'main', 'g.txt')).to.equal('g')
  })
})

describe('openGitTree, git beside the process', () => {
  it('reads on when the process that reads is killed, also in the middle', async () => {
    const root = makeRepository(
      scratch.folder(),
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, `text ${index}`])),
    )
    const tree = open(root, '', { engine: 'system' })
    expect(await text(tree, 'main', 'f0')).to.equal('text 0')
    const killed = childrenWith('cat-file --batch')
    expect(killed.length).to.be.greaterThan(0)
    const reads = Array.from({ length: 300 }, (_, index) => text(tree, 'main', `f${index}`))
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    expect(await Promise.all(reads)).to.deep.equal(Array.from({ length: 300 }, (_, index) => `text ${index}`))
    expect(childrenWith('cat-file --batch')).not.to.include.members([...killed])
  })

  it('leaves no process behind when it is closed', async () => {
    const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
    const before = childrenWith('cat-file')
    const tree = open(root, '', { engine: 'system' })
    expect(await text(tree, git(root, 'rev-parse', '--short', 'HEAD'), 'f.txt')).to.equal('one')
    expect(childrenWith('cat-file').length).to.be.greaterThan(before.length)
    await tree.close()
    expect(childrenWith('cat-file')).to.deep.equal(before)
    expect(await failureOf(tree.read({ id: 'f'.repeat(40) }, 'f.txt'))).to.include({ code: 'repository-failed' })
  })

  it('heeds no replaced objects, and runs nothing that a repository asks for', async () => {
    const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
    git(root, 'replace', git(root, 'rev-parse', 'HEAD:f.txt'), makeBlob(root))
    git(root, 'config', 'core.fsmonitor', 'touch ran')
    const tree = open(root, '', { engine: 'system' })
    expect(await text(tree, 'main', 'f.txt')).to.equal('one')
    expect(readdirSync(root)).not.to.include('ran')
  })

  it('says what to install where there is no git for a remote, and works once there is one', async () => {
    const folder = scratch.folder()
    makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const back = withoutGit()
    const tree = open(`${server.url}/work/.git`, join(folder, 'clone'), { engine: 'system' })
    const said = await eventually(
      () => tree.status().lastError,
      (error) => error !== undefined,
    )
    expect(said).to.contain('cannot be cloned: there is no git in PATH: install git')
    expect(await failureOf(tree.snapshot('main'))).to.include({ code: 'repository-refused' })
    back()
    expect(await whenReadyAgain(tree)).to.equal('one')
  })

  it('ends a fetch that hangs with all that it started', async () => {
    const folder = scratch.folder()
    makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const tree = open(`${server.url}/work/.git`, join(folder, 'clone'), { engine: 'system', timeout: 600 })
    await whenReady(tree)
    server.behave({ kind: 'hang' })
    const fetched = failureOf(tree.fetch(AbortSignal.timeout(20_000)))
    await eventually(
      () => processesWith(server.url),
      (found) => found.length > 1,
    )
    await tree.close()
    expect((await fetched).message).to.contain('closed')
    await eventually(
      () => processesWith(server.url),
      (found) => found.length === 0,
    )
  })

  it('removes the torn pack of a fetch that was killed', async () => {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const tree = open(`${server.url}/work/.git`, join(folder, 'clone'), { engine: 'system' })
    await whenReady(tree)
    const packs = join(folder, 'clone/objects/pack')
    writeFileSync(join(packs, 'tmp_pack_Xy12ab'), 'torn')
    commit(work, { 'f.txt': 'two' })
    await tree.fetch(AbortSignal.timeout(5000))
    expect(readdirSync(packs).filter((name) => name.startsWith('tmp_'))).to.deep.equal([])
    expect(await text(tree, 'main', 'f.txt')).to.equal('two')
  })
})

describe('openBatch', () => {
  const setUp = async () => {
    const root = makeRepository(scratch.folder(), { 'large.bin': Buffer.alloc(5_000_000) })
    const id = git(root, 'rev-parse', 'HEAD:large.bin')
    const batch = scratch.closing(openBatch({ gitdir: join(root, '.git'), content: 'whole' }))
    await batch.ask(id)
    const askMany = () => Promise.all(Array.from({ length: 100 }, async () => (await failureOf(batch.ask(id))).message))
    return { batch, askMany }
  }

  it('refuses when it is closed what it was asked, and starts no other process for it', async () => {
    const before = childrenWith('cat-file')
    const { batch, askMany } = await setUp()
    const asked = askMany()
    await batch.close()
    expect(childrenWith('cat-file')).to.deep.equal(before)
    expect(new Set(await asked)).to.deep.equal(new Set(['the repository is closed']))
    expect(new Set(await askMany())).to.deep.equal(new Set(['the repository is closed']))
  })

  it('tells who waits where no other process can be started for one that died, and goes on when one can', async () => {
    const { batch, askMany } = await setUp()
    const running = childrenWith('cat-file')
    const asked = askMany()
    const back = withVariable('HOME', 'too long for any process '.repeat(100_000))
    for (const pid of running) process.kill(pid, 'SIGKILL')
    expect(new Set(await asked)).to.deep.equal(new Set(['git cannot run at this moment: spawn E2BIG']))
    expect((await failureOf(batch.ask('main'))).message).to.equal('git cannot run at this moment: spawn E2BIG')
    back()
    expect((await batch.ask('f'.repeat(40))).object).to.equal(undefined)
  })
})

describe('openGitTree, a remote with sha256 ids', () => {
  it('is cloned by git where the address gave no hint of it, and follows what takes its place', async () => {
    const folder = scratch.folder()
    git(folder, 'init', '-q', '--object-format=sha256', 'srv/r')
    const work = join(folder, 'srv/r')
    commit(work, { 'f.txt': 'long' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const tree = open(`${server.url}/r/.git`, join(folder, 'clone'))
    expect(await whenReady(tree)).to.match(/^[0-9a-f]{64}$/)
    expect(await text(tree, 'main', 'f.txt')).to.equal('long')
    expect(git(join(folder, 'clone'), 'fsck', '--full')).to.equal('')
    rmSync(work, { recursive: true })
    makeRepository(work, { 'f.txt': 'short' })
    await tree.fetch(AbortSignal.timeout(5000))
    expect(await text(tree, 'main', 'f.txt')).to.equal('short')
  })

  it('is refused by isomorphic-git in words', async () => {
    const folder = scratch.folder()
    git(folder, 'init', '-q', '--object-format=sha256', 'srv/r')
    commit(join(folder, 'srv/r'), { 'f.txt': 'long' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
    const tree = open(`${server.url}/r/.git`, join(folder, 'clone'), { engine: 'isomorphic' })
    const said = await eventually(
      () => tree.status().lastError,
      (error) => error !== undefined,
    )
    expect(said).to.contain('sha256').and.contain('carillon.git.engine')
  })
})

function makeBlob(root: string): string {
  commit(root, { 'other.txt': 'another' })
  const id = git(root, 'rev-parse', 'HEAD:other.txt')
  git(root, 'reset', '-q', '--hard', 'HEAD~1')
  return id
}

async function whenReadyAgain(tree: ReturnType<typeof open>): Promise<string | undefined> {
  return eventually(
    () => text(tree, 'main', 'f.txt').catch(() => undefined),
    (content) => content !== undefined,
  )
}

/** Takes the programs away from this process, until the test ends or gives them back. */
function withoutGit(): () => void {
  return withVariable('PATH', scratch.folder())
}

/** Gives this process another variable, until the test ends or takes it back. */
function withVariable(name: 'PATH' | 'HOME', value: string): () => void {
  const before = process.env[name]
  const back = () => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
  process.env[name] = value
  scratch.closing({ close: async () => back() })
  return back
}
