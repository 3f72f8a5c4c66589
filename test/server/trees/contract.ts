import { expect } from 'chai'
import type { Snapshot, Tree } from '../../../server/src/trees/tree.js'
import { eventually, type Files } from './repositories.js'

export interface Fixture {
  readonly tree: Tree
  /** Makes these files part of what the default label means, or removes them where the content is `undefined`. */
  change(files: Readonly<Record<string, string | undefined>>): Promise<void>
}

/** What every tree starts with; `out` is a link to a file outside, `in` one to `a.txt`. */
export const CONTENT: Files = {
  'a.txt': 'a1\n',
  'B.txt': 'b\n',
  'empty.txt': '',
  'blob.bin': new Uint8Array([0, 255, 128, 10, 13]),
  'dir/c.yml': 'c: 1\n',
  'dir/deep/er/d.yml': 'd: 1\n',
  'dir.txt': 'beside the folder\n',
  'grüße/ключ.yml': 'e: 1\n',
  '__proto__/x.yml': 'x: 1\n',
  'dir/copy.yml': 'c: 1\n',
}

/** What a tree knows of the past: whether it can look back, and who made what it holds. */
interface Past {
  readonly past: 'kept' | 'gone'
  readonly author?: string
}

/** One suite for all trees. */
export function itIsATree(open: () => Promise<Fixture>, { past, author }: Past): void {
  let tree: Tree
  let fixture: Fixture
  let now: Snapshot
  beforeEach(async () => {
    fixture = await open()
    tree = fixture.tree
    now = (await tree.snapshot('main')) as Snapshot
  })
  const read = async (path: string, snapshot = now) => {
    const file = await tree.read(snapshot, path)
    return file && Buffer.from(file.bytes).toString('utf8')
  }

  it('gives a snapshot, and the same id from memory', async () => {
    expect(now.id).to.match(/^[0-9a-f]{40}$/)
    expect(tree.current('main')).to.equal(now.id)
    expect((await tree.snapshot('main'))?.id).to.equal(now.id)
  })

  it('lists a folder by code unit, with kinds', async () => {
    const names = (await tree.list(now, '')).filter(({ kind }) => kind === 'file' || kind === 'folder')
    expect(names.map(({ name, kind }) => `${name} ${kind}`)).to.include.ordered.members([
      'B.txt file',
      '__proto__ folder',
      'a.txt file',
      'blob.bin file',
      'dir folder',
      'dir.txt file',
      'empty.txt file',
      'grüße folder',
    ])
    expect((await tree.list(now, 'dir')).map(({ name }) => name)).to.deep.equal(['c.yml', 'copy.yml', 'deep'])
    expect((await tree.list(now, 'dir/deep')).map(({ name }) => name)).to.deep.equal(['er'])
  })

  it('reads files at every depth, byte for byte', async () => {
    expect(await read('a.txt')).to.equal('a1\n')
    expect(await read('empty.txt')).to.equal('')
    expect(await read('dir/deep/er/d.yml')).to.equal('d: 1\n')
    expect(await read('grüße/ключ.yml')).to.equal('e: 1\n')
    expect(await read('__proto__/x.yml')).to.equal('x: 1\n')
    expect([...((await tree.read(now, 'blob.bin'))?.bytes ?? [])]).to.deep.equal([0, 255, 128, 10, 13])
  })

  it('names content the same way in a list and in a file', async () => {
    const entry = (await tree.list(now, 'dir')).find(({ name }) => name === 'c.yml')
    expect((await tree.read(now, 'dir/c.yml'))?.id).to.equal(entry?.id)
  })

  const noFiles = ['', 'absent', 'dir', 'dir/absent', 'a.txt/x', 'out', 'constructor', '/a.txt', 'a.txt/', 'dir//c.yml', './a.txt']
  noFiles.push('dir/../a.txt', '../x', '.git/HEAD', 'dir/deep\0')

  it('has no file where the path is a folder, a link, absent or not a path', async () => {
    for (const path of noFiles) expect(await tree.read(now, path), path).to.equal(undefined)
  })

  it('says which of many paths are files', async () => {
    const files = ['dir/deep/er/d.yml', 'a.txt', 'empty.txt', 'grüße/ключ.yml', 'dir/c.yml', '__proto__/x.yml']
    expect([...(await tree.present(now, [...noFiles, ...files, 'a.txt']))]).to.have.members(files)
    expect((await tree.present(now, [])).size).to.equal(0)
  })

  it('lists nothing where the path is a file, a link, absent or not a path', async () => {
    for (const path of ['absent', 'a.txt', '/', '..', 'dir/', 'dir/..', '.git', '.git/refs', 'dir//deep', 'out']) {
      expect(await tree.list(now, path), path).to.deep.equal([])
    }
  })

  it('hides .git and says that a link out of the tree is a link', async () => {
    const entries = await tree.list(now, '')
    expect(entries.map(({ name }) => name)).not.to.include('.git')
    expect(entries.find(({ name }) => name === 'out')?.kind).to.equal('link')
  })

  it('shows a change as another snapshot, within a second where it is local', async () => {
    await fixture.change({ 'a.txt': 'a2, longer\n', 'new/n.txt': 'n\n', 'B.txt': undefined })
    const next = (await eventually(
      () => tree.snapshot('main'),
      (one) => one !== undefined && one.id !== now.id,
      3000,
    )) as Snapshot
    expect(await read('a.txt', next)).to.equal('a2, longer\n')
    expect(await read('new/n.txt', next)).to.equal('n\n')
    expect(await read('B.txt', next)).to.equal(undefined)
  })

  it(past === 'kept' ? 'goes on reading the old snapshot after a change' : 'refuses what changed since the snapshot', async () => {
    await fixture.change({ 'a.txt': 'a2, longer\n' })
    const got = await read('a.txt').catch((error: { code: string }) => error.code)
    expect(got).to.equal(past === 'kept' ? 'a1\n' : 'snapshot-gone')
  })

  it('says snapshot-gone for a snapshot that never was', async () => {
    const wrong = { id: 'f'.repeat(40) }
    const uses = [tree.list(wrong, ''), tree.present(wrong, ['a.txt']), tree.read(wrong, 'a.txt')]
    const codes = await Promise.all(uses.map((one) => one.then(String, ({ code }) => code)))
    expect(codes).to.deep.equal(['snapshot-gone', 'snapshot-gone', 'snapshot-gone'])
  })

  it('tells who made a snapshot and when, where it keeps a history', async () => {
    const found = await tree.authored(now)
    expect(found?.author).to.equal(author)
    if (found !== undefined) expect(Math.abs(Date.now() - Date.parse(found.authored))).to.be.below(60_000)
    expect(await tree.authored({ id: 'f'.repeat(40) })).to.equal(undefined)
  })

  it(past === 'kept' ? 'goes back from a change to what was before it' : 'goes back to nothing', async () => {
    await fixture.change({ 'a.txt': 'a2, longer\n' })
    const next = (await eventually(
      () => tree.snapshot('main'),
      (one) => one !== undefined && one.id !== now.id,
      3000,
    )) as Snapshot
    expect(await tree.parent(next)).to.deep.equal(past === 'kept' ? now : undefined)
    expect(await tree.parent({ id: 'f'.repeat(40) }).catch(({ code }) => code)).to.be.oneOf([undefined, 'snapshot-gone'])
  })

  it('answers many readers at once', async () => {
    const texts = await Promise.all(Array.from({ length: 200 }, (_, index) => read(index % 2 === 0 ? 'a.txt' : 'dir/c.yml')))
    expect(new Set(texts)).to.deep.equal(new Set(['a1\n', 'c: 1\n']))
  })

  it('closes twice without complaint', async () => {
    await tree.close()
    await tree.close()
  })
}
