import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { indexFolder, MOST_ENTRIES } from '../../../../server/src/trees/native/fingerprint.js'
import { openNativeTree } from '../../../../server/src/trees/native/index.js'
import { eventually, makeScratch, text, write } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const open = (folder: string) => scratch.closing(openNativeTree({ folder }))

/** Everything is open to root: who runs as root reads as another. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const nobody = 65_534
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(nobody)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('openNativeTree', () => {
  it('has an empty snapshot where the folder is missing, and sees it appear', async () => {
    const folder = join(scratch.folder(), 'later')
    const tree = open(folder)
    const empty = (await tree.snapshot('any')) ?? { id: '' }
    expect(await tree.list(empty, '')).to.deep.equal([])
    write(folder, { 'a.yml': 'a' })
    await eventually(
      () => text(tree, 'any', 'a.yml'),
      (found) => found === 'a',
      3000,
    )
  })

  it('does not take a folder that went away for an empty one, and goes on once it is back', async () => {
    const folder = join(scratch.folder(), 'mounted')
    write(folder, { 'a.yml': 'a' })
    const tree = open(folder)
    await tree.snapshot('')
    renameSync(folder, `${folder}-away`)
    const failure = await eventually(
      () => tree.snapshot('').catch((error: Error) => error),
      (found) => found instanceof Error,
      5000,
    )
    expect(failure).to.include({ code: 'repository-failed' })
    expect(String(failure)).to.contain(`${folder} cannot be read: the folder was there, and is gone`)
    expect(tree.current('')).to.equal(undefined)
    renameSync(`${folder}-away`, folder)
    expect(await text(tree, '', 'a.yml')).to.equal('a')
  })

  it('says why a file or a folder cannot be read, to those who need it', async () => {
    const folder = scratch.folder()
    write(folder, { 'a.yml': 'a', 'b.yml': 'b', 'secret/s.yml': 's' })
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'b.yml'), 0)
    chmodSync(join(folder, 'secret'), 0)
    await asNobody(async () => {
      const tree = open(folder)
      const now = (await tree.snapshot('')) ?? { id: '' }
      expect(await text(tree, '', 'a.yml')).to.equal('a')
      const uses = [
        tree.read(now, 'b.yml'),
        tree.read(now, 'secret/s.yml'),
        tree.list(now, 'secret'),
        tree.present(now, ['a.yml', 'secret/x']),
      ]
      const failures = await Promise.all(uses.map((use) => use.then(String, ({ code, message }) => `${code} ${message}`)))
      for (const failure of failures) expect(failure).to.match(/^repository-failed (b.yml|secret) cannot be read: EACCES/)
      expect(
        await open(join(folder, 'secret'))
          .snapshot('')
          .then(String, ({ message }) => message),
      ).to.contain('cannot be read: EACCES')
    })
  })

  it('gives every label the same snapshot', async () => {
    const folder = scratch.folder()
    write(folder, { 'a.yml': 'a' })
    const tree = open(folder)
    const [one, two] = await Promise.all([tree.snapshot('x'), tree.snapshot('--y')])
    expect(one).to.deep.equal(two)
  })

  it('serves a Kubernetes mount, and shows its replacement whole', async () => {
    const folder = scratch.folder()
    const mount = (version: string) => {
      write(folder, { [`..${version}/a.yml`]: `a ${version}`, [`..${version}/b.yml`]: `b ${version}` })
      symlinkSync(`..${version}`, join(folder, '..data.new'))
      renameSync(join(folder, '..data.new'), join(folder, '..data'))
    }
    mount('v1')
    for (const name of ['a.yml', 'b.yml']) symlinkSync(`..data/${name}`, join(folder, name))
    const tree = open(folder)
    const first = (await tree.snapshot('')) ?? { id: '' }
    expect((await tree.list(first, '')).map(({ name, kind }) => `${name} ${kind}`)).to.deep.equal(['a.yml file', 'b.yml file'])
    expect(await text(tree, '', 'a.yml')).to.equal('a v1')
    mount('v2')
    rmSync(join(folder, '..v1'), { recursive: true })
    expect(await tree.read(first, 'b.yml').then(String, ({ code }) => code)).to.equal('snapshot-gone')
    const next = (await tree.snapshot('')) ?? { id: '' }
    expect(next.id).not.to.equal(first.id)
    expect(Buffer.from((await tree.read(next, 'b.yml'))?.bytes ?? []).toString()).to.equal('b v2')
  })

  it('follows links inside, never out, never in circles, never into .git', async () => {
    const outer = scratch.folder()
    const folder = join(outer, 'root')
    write(outer, { 'secret/s.yml': 'secret', 'root-beside/x.yml': 'beside' })
    write(folder, { 'd/a.yml': 'a', '.git/config': 'secret' })
    const links = {
      ok: 'd',
      'ok.yml': 'd/a.yml',
      out: '../secret',
      'out.yml': '../secret/s.yml',
      beside: '../root-beside',
      loop: '.',
      'd/up': '..',
      broken: 'nowhere',
      cfg: '.git/config',
    }
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name))
    const tree = open(folder)
    const now = (await tree.snapshot('')) ?? { id: '' }
    expect(await text(tree, '', 'ok/a.yml')).to.equal('a')
    expect(await text(tree, '', 'ok.yml')).to.equal('a')
    for (const path of ['out/s.yml', 'out.yml', 'beside/x.yml', 'loop/d/a.yml', 'd/up/d/a.yml', 'broken', 'cfg', '.git/config']) {
      expect(await tree.read(now, path), path).to.equal(undefined)
    }
  })

  it('notices a change that keeps size and time', async () => {
    const folder = scratch.folder()
    write(folder, { 'a.yml': 'aaa' })
    const past = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000)
    utimesSync(join(folder, 'a.yml'), past, past)
    const tree = open(folder)
    const now = (await tree.snapshot('')) ?? { id: '' }
    expect((await tree.read(now, 'a.yml'))?.modified).to.equal(past.getTime())
    writeFileSync(join(folder, 'a.yml'), 'bbb')
    utimesSync(join(folder, 'a.yml'), past, past)
    expect(await tree.read(now, 'a.yml').then(String, ({ code }) => code)).to.equal('snapshot-gone')
    expect(await text(tree, '', 'a.yml')).to.equal('bbb')
  })

  it('says too-large for a huge file, and reads its neighbours', async () => {
    const folder = scratch.folder()
    write(folder, { 'a.yml': 'a', 'huge.bin': '' })
    truncateSync(join(folder, 'huge.bin'), 33 * 1024 * 1024)
    const tree = open(folder)
    const now = (await tree.snapshot('')) ?? { id: '' }
    expect(await tree.read(now, 'huge.bin').then(String, ({ code }) => code)).to.equal('too-large')
    expect(await text(tree, '', 'a.yml')).to.equal('a')
  })

  it('keeps its snapshot while nothing changes', async () => {
    const folder = scratch.folder()
    write(folder, { 'a.yml': 'a', 'd/b.yml': 'b' })
    const past = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000)
    for (const name of ['a.yml', 'd/b.yml']) utimesSync(join(folder, name), past, past)
    expect((await indexFolder(folder)).id).to.equal((await indexFolder(folder)).id)
  })

  it('says too-large, with the place, for a folder that is nested too deeply', async () => {
    const folder = scratch.folder()
    write(folder, { [`${'d/'.repeat(51)}a.yml`]: 'a' })
    const error = await open(folder)
      .snapshot('')
      .then(String, (one) => one)
    expect(error).to.include({ code: 'too-large' })
    expect(error.message).to.contain(`nested deeper than 50 folders at ${'d/'.repeat(50)}d`)
  })

  it('says too-large, with the limit, for a folder of too many names', async () => {
    const folder = scratch.folder()
    mkdirSync(join(folder, 'd'))
    for (let index = 0; index <= MOST_ENTRIES; index += 1) writeFileSync(join(folder, 'd', String(index)), '')
    const error = await open(folder)
      .snapshot('')
      .then(String, (one) => one)
    expect(error).to.include({ code: 'too-large' })
    expect(error.message).to.contain(String(MOST_ENTRIES))
  })
})
