import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ServerError } from '../../../../server/src/errors.js'
import { openContent } from '../../../../server/src/trees/git/content.js'
import { createDoubts } from '../../../../server/src/trees/git/doubts.js'
import { type GitTree, type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { keepObjects, type Objects } from '../../../../server/src/trees/git/objects.js'
import { formatPackedRefs, isWholePackedRefs } from '../../../../server/src/trees/git/refs.js'
import { findDamage } from '../../../../server/src/trees/git/whole.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'
import { childrenWith } from './processes.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const soon = () => AbortSignal.timeout(10_000)

/** What a read gives: the text, or why there is none. */
const readingOf = (tree: GitTree, path: string, label = 'main') =>
  text(tree, label, path).catch(({ code, message }: ServerError) => `${code}: ${message}`)

const packsOf = (place: string) => readdirSync(join(place, 'objects/pack')).filter((name) => name.endsWith('.pack'))

/** Cuts what each pack of a clone has behind its first bytes. */
function cutPacks(place: string): void {
  for (const name of packsOf(place)) {
    const path = join(place, 'objects/pack', name)
    chmodSync(path, 0o644)
    truncateSync(path, Math.floor(statSync(path).size / 2))
  }
}

/** Makes a file of each object of a clone, so that one can be taken out. */
function unpack(place: string): void {
  for (const name of packsOf(place)) {
    const pack = join(place, 'objects/pack', name)
    renameSync(pack, join(place, 'taken.pack'))
    for (const rest of readdirSync(join(place, 'objects/pack'))) rmSync(join(place, 'objects/pack', rest))
    execFileSync('git', ['unpack-objects', '-q'], { cwd: place, input: readFileSync(join(place, 'taken.pack')) })
    rmSync(join(place, 'taken.pack'))
  }
}

for (const engine of ['isomorphic', 'system'] as const) {
  describe(`openGitTree, engine ${engine}, over a damaged clone`, () => {
    /** A clone with a small and a large file on `main`, and another branch. */
    async function setUp() {
      const folder = scratch.folder()
      const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one', 'g.txt': 'g', 'large.bin': randomBytes(600_000) })
      git(work, 'branch', 'side')
      const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      const place = join(folder, 'data/clone')
      const told: string[] = []
      const open = (options: Partial<GitTreeOptions> = {}) =>
        scratch.closing(
          openGitTree(gitOptions(`${server.url}/work/.git`, place, { engine, onTrouble: ({ message }) => told.push(message), ...options })),
        )
      const cloned = async () => {
        const tree = open()
        await whenReady(tree)
        return tree
      }
      return { work, server, place, open, cloned, told }
    }
    const healed = async (tree: GitTree, place: string, told: readonly string[]) => {
      await eventually(
        async () => Number((await readingOf(tree, 'large.bin'))?.length),
        (length) => length > 500_000,
      )
      expect(await readingOf(tree, 'f.txt')).to.equal('one')
      await eventually(
        () => tree.status().lastError,
        (said) => said === undefined,
      )
      expect(told.join('\n')).to.contain('is damaged and is made anew')
      expect(git(place, 'fsck', '--full')).to.equal('')
    }

    for (const when of ['at its start', 'while it runs'] as const) {
      it(`${when}: makes it anew when a read misses an object, and serves the rest meanwhile`, async () => {
        const { work, server, place, open, cloned, told } = await setUp()
        const lost = git(work, 'rev-parse', 'main:f.txt')
        const lose = () => rmSync(join(place, 'objects', lost.slice(0, 2), lost.slice(2)))
        await (await cloned()).close()
        unpack(place)
        if (when === 'at its start') lose()
        const tree = open()
        expect(await readingOf(tree, 'g.txt')).to.equal('g')
        if (when === 'while it runs') lose()
        server.behave({ kind: 'status', status: 500 })
        const said = await readingOf(tree, 'f.txt')
        expect(said)
          .to.match(/^not-ready: .* is damaged and is being made anew/)
          .and.contain(lost)
        expect(await readingOf(tree, 'g.txt')).to.equal('g')
        server.behave({ kind: 'serve' })
        await tree.fetch(soon())
        await healed(tree, place, told)
      })

      it(`${when}: makes it anew where a pack is cut off`, async () => {
        const { place, open, cloned, told } = await setUp()
        let tree = await cloned()
        if (when === 'at its start') await tree.close()
        cutPacks(place)
        if (when === 'at its start') tree = open()
        await healed(tree, place, told)
      })
    }

    it('at its start: serves the refs that are whole, and makes a clone with half-written ones anew', async () => {
      const { place, open, cloned, server, told } = await setUp()
      const first = await cloned()
      await first.close()
      const path = join(place, 'packed-refs')
      const lines = readFileSync(path, 'utf8').split('\n')
      writeFileSync(
        path,
        lines
          .slice(0, 2)
          .join('\n')
          .concat('\n', (lines[2] ?? '').slice(0, 50)),
      )
      server.behave({ kind: 'status', status: 500 })
      const tree = open()
      expect(await readingOf(tree, 'f.txt')).to.equal('one')
      expect(await tree.snapshot('side')).to.equal(undefined)
      expect(tree.status().state).to.equal('ready')
      server.behave({ kind: 'serve' })
      await eventually(
        () => readingOf(tree, 'f.txt', 'side'),
        (answer) => answer === 'one',
      )
      await healed(tree, place, told)
    })

    for (const [what, lose] of [
      ['empty', (path: string) => truncateSync(path)],
      ['cut off', (path: string) => truncateSync(path, statSync(path).size - 20)],
      ['gone', (path: string) => rmSync(path)],
    ] as const) {
      it(`#700: at its start: makes a clone anew whose configuration is ${what}, and leaves alone what nothing shows to be ours`, async () => {
        const { place, open, cloned } = await setUp()
        await (await cloned()).close()
        const refs = readFileSync(join(place, 'packed-refs'), 'utf8')
        lose(join(place, 'config'))
        writeFileSync(join(place, 'packed-refs'), refs.replace(/carillon-\S+/, 'peeled'))
        const stranger = open()
        await eventually(
          () => stranger.status().lastError,
          (said) => said?.includes('left alone') === true,
        )
        await stranger.close()
        writeFileSync(join(place, 'packed-refs'), refs)
        const tree = open()
        await whenReady(tree)
        expect(await readingOf(tree, 'f.txt')).to.equal('one')
        expect(tree.status().lastError).to.equal(undefined)
        expect(git(place, 'config', 'carillon.clone')).to.equal('true')
        expect(git(place, 'fsck', '--full')).to.equal('')
      })
    }

    it('while it runs: half-written refs are written again with the next fetch', async () => {
      const { place, cloned, work } = await setUp()
      const tree = await cloned()
      const path = join(place, 'packed-refs')
      const whole = readFileSync(path, 'utf8')
      writeFileSync(path, `${whole.slice(0, whole.length / 2)}`)
      const two = commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(await readingOf(tree, 'f.txt')).to.equal('two')
      expect(git(place, 'rev-parse', 'refs/remotes/origin/main')).to.equal(two)
      expect(isWholePackedRefs(readFileSync(path, 'utf8'))).to.equal(true)
    })

    it('#700: while it runs: goes on where its configuration is cut off, and makes the clone anew where it cannot', async () => {
      const { place, cloned, work } = await setUp()
      const tree = await cloned()
      const path = join(place, 'config')
      truncateSync(path, statSync(path).size - 20)
      commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(await readingOf(tree, 'f.txt')).to.equal('two')
      expect(tree.status().lastError).to.equal(undefined)
    })

    it('gets well where all of its objects are gone', async () => {
      const { place, cloned, work } = await setUp()
      const tree = await cloned()
      for (const name of readdirSync(join(place, 'objects/pack'))) rmSync(join(place, 'objects/pack', name))
      commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(await readingOf(tree, 'f.txt')).to.equal('two')
      await eventually(
        () => readingOf(tree, 'g.txt'),
        (answer) => answer === 'g',
      )
      await tree.fetch(soon())
      expect(git(place, 'fsck', '--full')).to.equal('')
    })
  })
}

/** The one `git` of this process until the test ends, and ways to have another in its place, or none, and the first one again. */
function ownGit() {
  const { PATH } = process.env
  const folder = scratch.folder()
  const path = join(folder, 'git')
  const [real = '', ps = ''] = execFileSync('sh', ['-c', 'command -v git; command -v ps'], { encoding: 'utf8' }).split('\n')
  const become = (make: (path: string) => void) => {
    rmSync(path, { force: true })
    make(path)
  }
  const back = () => become(() => symlinkSync(real, path))
  back()
  // Who looks for processes needs it.
  symlinkSync(ps, join(folder, 'ps'))
  process.env.PATH = folder
  scratch.closing({
    close: async () => {
      process.env.PATH = PATH
    },
  })
  return { become, back }
}

const gitThat = (lines: string) => (path: string) => writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 })

describe('openGitTree, engine system, while git cannot run', () => {
  for (const [name, make, why] of [
    ['is killed', gitThat('kill -9 $$'), 'it was ended by SIGKILL'],
    ['ends without a word', gitThat('exit 1'), 'it ended without a word'],
    ['has no descriptors', gitThat('echo "fatal: x: Too many open files" >&2; exit 128'), 'Too many open files'],
    ['is not there', () => undefined, 'there is no git in PATH'],
    ['cannot be started', (path: string) => symlinkSync('git', path), 'ELOOP'],
  ] as const) {
    it(`takes no clone for damaged where it ${name}, and reads on afterwards`, async () => {
      const { become, back } = ownGit()
      const folder = scratch.folder()
      makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
      const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      const place = join(folder, 'clone')
      const told: string[] = []
      const onTrouble = ({ message }: Error) => told.push(message)
      const tree = scratch.closing(openGitTree(gitOptions(`${server.url}/work/.git`, place, { engine: 'system', onTrouble })))
      await whenReady(tree)
      const { ino } = statSync(place)
      for (const pid of childrenWith('cat-file')) process.kill(pid, 'SIGKILL')
      become(make)
      expect(await readingOf(tree, 'f.txt'))
        .to.match(/^not-ready: git cannot run at this moment: /)
        .and.contain(why)
      back()
      expect(await readingOf(tree, 'f.txt')).to.equal('one')
      expect(told).to.deep.equal([])
      expect(statSync(place).ino).to.equal(ino)
    })
  }
})

/** Objects of which none can be read, because of an error with this code. */
function objectsThatFail(code: string | undefined): Objects {
  const load = () => Promise.reject(Object.assign(new Error('no'), { code }))
  return keepObjects({ idLength: 40, load, expand: load, forgetPacks: () => undefined, close: async () => undefined })
}

describe('findDamage', () => {
  for (const [code, expected] of [
    ['EMFILE', undefined],
    ['EIO', `refs/remotes/origin/main names ${'a'.repeat(40)}, which cannot be read`],
  ] as const) {
    it(`finds ${expected === undefined ? 'none' : 'some'} where a branch cannot be read because of ${code}`, async () => {
      const refs = new Map([['refs/remotes/origin/main', 'a'.repeat(40)]])
      expect(await findDamage({ gitdir: scratch.folder(), objects: objectsThatFail(code), refs })).to.equal(expected)
    })
  }
})

describe('openContent', () => {
  for (const [code, expected] of [
    ['EMFILE', 'not-ready'],
    ['ENFILE', 'not-ready'],
    ['ENOMEM', 'not-ready'],
    ['EIO', 'repository-failed'],
    [undefined, 'repository-failed'],
  ] as const) {
    it(`says ${expected} where a read fails with ${code ?? 'an error of the content'}`, async () => {
      const reading = openContent(objectsThatFail(code)).read({ id: 'a'.repeat(40) }, 'f.txt')
      expect(await reading.catch((error: ServerError) => error.code)).to.equal(expected)
    })
  }
})

describe('isWholePackedRefs', () => {
  const refs = new Map([
    ['refs/remotes/origin/main', 'a'.repeat(40)],
    ['refs/tags/v1', 'b'.repeat(40)],
  ])
  const whole = formatPackedRefs(refs)

  it('takes what is whole, and what Git wrote', () => {
    expect(isWholePackedRefs(whole)).to.equal(true)
    expect(isWholePackedRefs(formatPackedRefs(new Map()))).to.equal(true)
    expect(isWholePackedRefs(`# pack-refs with: peeled fully-peeled sorted \n${'a'.repeat(40)} refs/heads/main\n`)).to.equal(true)
  })

  it('refuses whatever is cut off', () => {
    for (let length = 0; length < whole.length; length += 1) expect(isWholePackedRefs(whole.slice(0, length)), `${length}`).to.equal(false)
  })

  it('is read by git', () => {
    const work = makeRepository(join(scratch.folder(), 'r'), { 'f.txt': 'x' })
    const head = git(work, 'rev-parse', 'HEAD')
    writeFileSync(join(work, '.git/packed-refs'), formatPackedRefs(new Map([['refs/tags/v1', head]])))
    expect(git(work, 'rev-parse', 'v1')).to.equal(head)
    git(work, 'pack-refs', '--all')
    expect(isWholePackedRefs(readFileSync(join(work, '.git/packed-refs'), 'utf8'))).to.equal(true)
  })
})

describe('createDoubts', () => {
  const broken = () => Promise.reject(new ServerError('repository-failed', 'broken'))
  function setUp() {
    let now = 0
    let opened = 0
    let clone = { gitdir: '/c', refs: new Map(), objects: { forgetPacks: () => undefined } as unknown as Objects }
    const replace = () => {
      clone = { ...clone, objects: { ...clone.objects } }
    }
    const declared: string[] = []
    const doubts = createDoubts({
      url: 'u',
      clone: () => clone,
      openAgain: async () => {
        opened += 1
        return { close: async () => undefined } as Objects
      },
      isExpected: (commit) => commit === 'tip',
      onDamage: ({ message }) => declared.push(message),
      clock: () => now,
    })
    const codeOf = (work: Promise<unknown>) => work.then(String, ({ code }: { code: string }) => code)
    return { doubts, declared, codeOf, later: (ms: number) => (now += ms), opened: () => opened, replace }
  }

  it('believes the disk rather than what is open', async () => {
    const { doubts, declared, codeOf } = setUp()
    expect(await codeOf(doubts.reading({ now: broken, again: async () => 'well' }))).to.equal('well')
    expect(declared).to.deep.equal([])
  })

  it('looks once for all who fail at a time', async () => {
    const { doubts, declared, codeOf, opened } = setUp()
    const reads = Array.from({ length: 20 }, () => codeOf(doubts.reading({ now: broken, again: broken })))
    expect(new Set(await Promise.all(reads))).to.deep.equal(new Set(['not-ready']))
    expect([declared.length, opened()]).to.deep.equal([1, 1])
  })

  it('takes a commit that is not there for damage only where it ought to be', async () => {
    const { doubts, declared, codeOf } = setUp()
    const gone = (commit: string) => () => Promise.reject(new ServerError('snapshot-gone', 'gone', { commit }))
    expect(await codeOf(doubts.reading({ now: gone('old'), again: gone('old') }))).to.equal('snapshot-gone')
    expect(declared).to.deep.equal([])
    expect(await codeOf(doubts.reading({ now: gone('tip'), again: gone('tip') }))).to.equal('not-ready')
    expect(declared).to.have.length(1)
  })

  it('has a clone made anew ever more rarely for what the remote itself has wrong', async () => {
    const { doubts, declared, codeOf, later, replace } = setUp()
    const counts: number[] = []
    for (let minute = 0; minute < 300; minute += 1) {
      await codeOf(doubts.reading({ now: broken, again: broken }))
      // It is made anew at once, and is no better.
      replace()
      counts.push(declared.length)
      later(60_000)
    }
    expect([0, 9, 10, 29, 30, 69, 70, 299].map((minute) => counts[minute])).to.deep.equal([1, 1, 2, 2, 3, 3, 4, 5])
  })

  it('has a clone made anew at once again when nothing was wrong for hours, however often it was before', async () => {
    const { doubts, declared, codeOf, later, replace } = setUp()
    const hour = 60 * 60_000
    const fail = async () => {
      await codeOf(doubts.reading({ now: broken, again: broken }))
      replace()
    }
    for (let hours = 0; hours < 48; hours += 1) {
      await fail()
      later(hour)
    }
    const before = declared.length
    later(5 * hour)
    await fail()
    later(11 * 60_000)
    await fail()
    expect(declared.length - before).to.equal(2)
  })
})
