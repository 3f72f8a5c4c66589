import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openGitTree } from '../../../../server/src/trees/git/index.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const codeOf = (work: Promise<unknown>) => work.then(String, ({ code }) => code as string)

function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map((name) => {
    const { size, mtimeNs, ino } = lstatSync(join(folder, String(name)), { bigint: true })
    return `${name} ${size} ${mtimeNs} ${ino}`
  })
}

for (const engine of ['isomorphic', 'system'] as const) {
  const open = (root: string, more = {}) => scratch.closing(openGitTree(gitOptions(root, '', { engine, ...more })))

  describe(`openGitTree, engine ${engine}, labels of a local repository`, () => {
    it('means what Spring means by each form of a label', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      const one = git(root, 'rev-parse', 'HEAD')
      git(root, 'tag', 'light')
      git(root, 'tag', '-a', 'annotated', '-m', 'x')
      git(root, 'tag', '-a', 'nested', 'annotated', '-m', 'y')
      git(root, 'tag', 'both')
      git(root, 'tag', 'blob', 'HEAD:f.txt')
      git(root, 'tag', 'tree', 'HEAD^{tree}')
      const two = commit(root, { 'f.txt': 'two' })
      git(root, 'branch', 'both')
      git(root, 'branch', 'release/1.0')
      git(root, 'branch', 'v2.x')
      git(root, 'update-ref', 'refs/remotes/origin/theirs', one)
      git(root, 'update-ref', 'refs/remotes/origin/main', one)
      git(root, 'update-ref', 'refs/notes/n', one)
      const tree = open(root)
      const expected: ReadonlyArray<readonly [string, string | undefined]> = [
        ['main', two],
        ['HEAD', two],
        ['light', one],
        ['annotated', one],
        ['nested', one],
        ['both', one],
        ['release/1.0', two],
        ['v2.x', two],
        ['refs/heads/both', two],
        ['heads/both', two],
        ['refs/tags/both', one],
        ['tags/both', one],
        ['theirs', one],
        ['origin/theirs', one],
        ['refs/remotes/origin/theirs', one],
        ['refs/notes/n', one],
        [one, one],
        [one.toUpperCase(), one],
        [one.slice(0, 4), one],
        [one.slice(0, 20), one],
        [git(root, 'rev-parse', 'nested'), one],
        [one.slice(0, 3), undefined],
        ['blob', undefined],
        ['tree', undefined],
        ['absent', undefined],
        ['release', undefined],
        ['refs/heads', undefined],
        ['f'.repeat(40), undefined],
        [git(root, 'rev-parse', 'HEAD:f.txt'), undefined],
        ['main~1', undefined],
        ['main^', undefined],
        ['main@{1}', undefined],
        ['main^{tree}', undefined],
        [':/two', undefined],
        ['--all', undefined],
        ['-', undefined],
        ['', undefined],
        ['/main', undefined],
        ['main/', undefined],
        ['../HEAD', undefined],
        ['refs/../HEAD', undefined],
        ['ORIG_HEAD', undefined],
        ['index', undefined],
        ['config', undefined],
        ['main\0', undefined],
        ['a'.repeat(500), undefined],
        [`${'x/'.repeat(400)}y`, undefined],
      ]
      for (const [label, id] of expected) expect((await tree.snapshot(label))?.id, JSON.stringify(label)).to.equal(id)
      const labels = ['main', 'both', 'release/1.0', 'v2.x', 'theirs', 'light', 'annotated', 'nested', 'blob', 'tree']
      expect(await tree.labels()).to.have.members(labels)
    })

    it('reads refs that are packed, and the loose one where both are', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      git(root, 'branch', 'other')
      git(root, 'tag', '-a', 't', '-m', 'x')
      git(root, 'pack-refs', '--all')
      const one = git(root, 'rev-parse', 'HEAD')
      const two = commit(root, { 'f.txt': 'two' })
      const tree = open(root)
      expect(await Promise.all(['main', 'other', 't'].map(async (label) => (await tree.snapshot(label))?.id))).to.deep.equal([
        two,
        one,
        one,
      ])
      expect(await tree.labels()).to.have.members(['main', 'other', 't'])
    })
  })

  describe(`openGitTree, engine ${engine}, refs of a local repository that lead astray`, () => {
    it('takes a name that ends with white space of JavaScript for the name that it is', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'good' })
      const good = git(root, 'rev-parse', 'HEAD')
      git(root, 'checkout', '-q', '-b', 'main\u3000')
      commit(root, { 'f.txt': 'evil' })
      git(root, 'pack-refs', '--all')
      const tree = open(root)
      const texts = ['main', 'main\u3000', 'HEAD'].map((label) => text(tree, label, 'f.txt'))
      expect(await Promise.all(texts)).to.deep.equal(['good', 'evil', 'evil'])
      expect((await tree.snapshot('main'))?.id).to.equal(good)
    })

    it('never goes back to what was packed where the file of a ref is damaged', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      git(root, 'pack-refs', '--all')
      const two = commit(root, { 'f.txt': 'two' })
      const moves: unknown[] = []
      const tree = open(root, { onMove: (...move: unknown[]) => moves.push(move) })
      expect(await text(tree, 'main', 'f.txt')).to.equal('two')
      writeFileSync(join(root, '.git/refs/heads/main'), '')
      await tree.fetch(AbortSignal.timeout(5000))
      expect([tree.current('main'), moves.length]).to.deep.equal([two, 1])
      expect(await codeOf(open(root).snapshot('main'))).to.equal('repository-failed')
    })

    it('follows a link that is turned round to another repository', async () => {
      const folder = scratch.folder()
      const [one, two] = ['one', 'two'].map((name) => makeRepository(join(folder, name), { 'f.txt': name })) as [string, string]
      // As of work trees: the folder only names where its repository is.
      for (const root of [one, two]) git(root, 'init', '-q', '--separate-git-dir', `${root}.git`)
      const link = join(folder, 'link')
      symlinkSync(one, link)
      const tree = open(link)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      symlinkSync(two, `${link}.new`)
      renameSync(`${link}.new`, link)
      await tree.fetch(AbortSignal.timeout(5000))
      expect(tree.current('main')).to.equal(git(two, 'rev-parse', 'main'))
      expect(await text(tree, 'main', 'f.txt')).to.equal('two')
    })
  })

  describe(`openGitTree, engine ${engine}, the past of a local repository`, () => {
    it('goes back to what a merge was merged into, and never to what it brought in', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      const first = git(root, 'rev-parse', 'HEAD')
      git(root, 'checkout', '-q', '-b', 'side')
      commit(root, { 'g.txt': 'side' })
      git(root, 'checkout', '-q', 'main')
      git(root, 'merge', '-q', '--no-ff', '-m', 'merge', 'side')
      const tree = open(root)
      expect(await tree.parent({ id: git(root, 'rev-parse', 'HEAD') })).to.deep.equal({ id: first })
      expect(await tree.parent({ id: first })).to.equal(undefined)
    })

    it('ends where a shallow clone was cut off', async () => {
      const folder = scratch.folder()
      const root = makeRepository(join(folder, 'repo'), { 'f.txt': 'one' })
      for (const text of ['two', 'three']) commit(root, { 'f.txt': text })
      git(folder, 'clone', '-q', '--depth', '2', `file://${root}`, 'shallow')
      const tree = open(join(folder, 'shallow'))
      const oldest = await tree.parent({ id: git(root, 'rev-parse', 'HEAD') })
      expect(oldest).to.deep.equal({ id: git(root, 'rev-parse', 'HEAD~1') })
      expect(await tree.parent(oldest ?? { id: '' })).to.equal(undefined)
    })

    it('is not written to, whatever is to be kept', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      const before = listing(root)
      const tree = open(root)
      tree.keep({ id: git(root, 'rev-parse', 'HEAD') })
      await tree.fetch(AbortSignal.timeout(5_000))
      await tree.close()
      expect(listing(root)).to.deep.equal(before)
    })
  })

  describe(`openGitTree, engine ${engine}, watching a local repository`, () => {
    it('shows commits, a branch that goes and comes back, and tells each move', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      git(root, 'branch', 'side')
      const one = git(root, 'rev-parse', 'HEAD')
      const moves: string[] = []
      const tree = open(root, { onMove: (label: string, from?: string, to?: string) => moves.push(`${label} ${from} ${to}`) })
      await tree.snapshot('side')
      const two = commit(root, { 'f.txt': 'two' })
      await eventually(
        () => tree.current('main'),
        (id) => id === two,
        1000,
      )
      git(root, 'branch', '-D', 'side')
      await eventually(
        () => tree.current('side'),
        (id) => id === undefined,
        1000,
      )
      expect(await tree.snapshot('side')).to.equal(undefined)
      git(root, 'branch', 'side')
      await eventually(
        () => tree.current('side'),
        (id) => id === two,
        1000,
      )
      expect(moves).to.deep.equal([
        `main undefined ${one}`,
        `side undefined ${one}`,
        `main ${one} ${two}`,
        `side ${one} undefined`,
        `side undefined ${two}`,
      ])
    })

    it('sees a ref that is written in place, where the folder does not change', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one' })
      const one = git(root, 'rev-parse', 'HEAD')
      const two = commit(root, { 'f.txt': 'two' })
      const tree = open(root)
      expect((await tree.snapshot('main'))?.id).to.equal(two)
      writeFileSync(join(root, '.git/refs/heads/main'), `${one}\n`)
      await eventually(
        () => tree.current('main'),
        (id) => id === one,
        1000,
      )
    })

    it('begins with an empty repository', async () => {
      const root = scratch.folder()
      git(root, 'init', '-q')
      const tree = open(root)
      expect(await tree.snapshot('main')).to.equal(undefined)
      expect(await tree.snapshot('HEAD')).to.equal(undefined)
      const one = commit(root, { 'f.txt': 'one' })
      await eventually(
        () => tree.current('main'),
        (id) => id === one,
        1000,
      )
    })

    it('goes on reading old and new commits while git repacks', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': '0' })
      const tree = open(root)
      const ids: string[] = []
      let wrong = 0
      for (let round = 1; round <= 12; round += 1) {
        ids.push(commit(root, { 'f.txt': String(round), [`d${round}/x`]: `x${round}` }))
        const [, ...texts] = await Promise.all([
          git(root, ...(round % 2 === 0 ? ['gc', '-q', '--prune=now'] : ['repack', '-adq'])),
          ...ids.map(async (id, index) => (await text(tree, id, `d${index + 1}/x`)) === `x${index + 1}`),
        ])
        wrong += texts.filter((right) => !right).length
      }
      expect(wrong).to.equal(0)
    })

    it('keeps reading while another process repacks again and again', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': '0' })
      const ids = Array.from({ length: 10 }, (_, index) => commit(root, { 'f.txt': `text ${index}` }))
      const loop = 'for i in 1 2 3 4 5 6 7 8; do git repack -adfq; git -c gc.pruneExpire=now prune-packed; done'
      let done = false
      const { spawn } = await import('node:child_process')
      const child = spawn('sh', ['-c', loop], { cwd: root, stdio: 'ignore' })
      child.on('close', () => {
        done = true
      })
      let reads = 0
      while (!done) {
        const tree = openGitTree(gitOptions(root, '', { engine }))
        for (const [index, id] of ids.entries()) expect(await text(tree, id, 'f.txt')).to.equal(`text ${index}`)
        reads += ids.length
        await tree.close()
      }
      expect(reads).to.be.greaterThan(9)
    })
  })

  describe(`openGitTree, engine ${engine}, beside whoever works in a local repository`, () => {
    it('changes nothing by reading, and reads while the index is locked', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one', 'd/g.txt': 'g' })
      git(root, 'gc', '-q')
      writeFileSync(join(root, '.git/index.lock'), '')
      writeFileSync(join(root, 'f.txt'), 'not committed')
      const before = listing(root)
      const tree = open(root)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(await text(tree, git(root, 'rev-parse', '--short', 'HEAD'), 'd/g.txt')).to.equal('g')
      await tree.fetch(AbortSignal.timeout(1000))
      expect(listing(root)).to.deep.equal(before)
      expect(existsSync(join(root, '.git/index.lock'))).to.equal(true)
    })

    it('says too-large for a huge file, and reads its neighbours', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one', 'huge.bin': new Uint8Array(33 * 1024 * 1024) })
      const tree = open(root)
      expect(await codeOf(text(tree, 'main', 'huge.bin'))).to.equal('too-large')
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
    })

    it('lists submodules and links as such, and reads neither', async () => {
      const folder = scratch.folder()
      const sub = makeRepository(join(folder, 'sub'), { 's.txt': 's' })
      const root = makeRepository(join(folder, 'root'), { 'f.txt': 'one' })
      git(root, 'submodule', 'add', '-q', sub, 'sub')
      execFileSync('ln', ['-s', 'f.txt', join(root, 'link')])
      commit(root, { 'back\\slash.txt': 'odd' })
      const tree = open(root)
      const now = (await tree.snapshot('main')) ?? { id: '' }
      const kinds = (await tree.list(now, '')).map(({ name, kind }) => `${name} ${kind}`)
      expect(kinds).to.deep.equal(['.gitmodules file', 'back\\slash.txt file', 'f.txt file', 'link link', 'sub submodule'])
      expect(await tree.read(now, 'link')).to.equal(undefined)
      expect(await tree.read(now, 'sub')).to.equal(undefined)
      expect(await tree.read(now, 'sub/s.txt')).to.equal(undefined)
    })
  })

  describe(`openGitTree, engine ${engine}, a local repository that cannot be read`, () => {
    it('fails each use while it is missing, says so once, and works when it appears', async () => {
      const folder = scratch.folder()
      const root = join(folder, 'repo')
      const troubles: string[] = []
      const tree = open(root, { onTrouble: ({ message }: Error) => troubles.push(message) })
      expect(await codeOf(tree.snapshot('main'))).to.equal('repository-failed')
      expect(await codeOf(tree.snapshot('main'))).to.equal('repository-failed')
      expect(tree.status().state).to.equal('failed')
      expect(troubles).to.have.length(1)
      makeRepository(root, { 'f.txt': 'one' })
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(tree.status()).to.include({ state: 'ready' })
      renameSync(root, `${root}.away`)
      await eventually(
        () => tree.current('main'),
        (id) => id === undefined,
        1500,
      )
      expect(await codeOf(tree.snapshot('main'))).to.equal('repository-failed')
      renameSync(`${root}.away`, root)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
    })

    it('names a commit whose objects are missing as damage', async () => {
      const root = makeRepository(scratch.folder(), { 'f.txt': 'one', 'd/g.txt': 'g' })
      const tree = open(root)
      const now = (await tree.snapshot('main')) ?? { id: '' }
      const blob = git(root, 'rev-parse', 'HEAD:f.txt')
      rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)))
      expect(await codeOf(tree.read(now, 'f.txt'))).to.equal('repository-failed')
      writeFileSync(join(root, '.git/refs/heads/broken'), `${'1'.repeat(40)}\n`)
      expect(await codeOf(tree.snapshot('broken'))).to.equal('repository-failed')
      expect(await text(tree, 'main', 'd/g.txt')).to.equal('g')
    })
  })
}
