import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Engine } from '../../../../server/src/trees/git/engine.js'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { isomorphic } from '../../../../server/src/trees/git/isomorphic/index.js'
import { removeLeftoversBeside, removeLeftoversIn, withIncoming } from '../../../../server/src/trees/git/leftovers.js'
import { listPacks, type PackFile } from '../../../../server/src/trees/git/packs.js'
import { repack } from '../../../../server/src/trees/git/repack.js'
import { findPlace } from '../../../../server/src/trees/git/repository.js'
import { rollUp } from '../../../../server/src/trees/git/roll-up.js'
import { system } from '../../../../server/src/trees/git/system/index.js'
import { openUpkeep } from '../../../../server/src/trees/git/upkeep.js'
import { findDamage } from '../../../../server/src/trees/git/whole.js'
import { startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const live = () => new AbortController().signal
const ENGINES = { isomorphic, system } as const
const NAMES = ['isomorphic', 'system'] as const

describe('rollUp', () => {
  const packs = (sizes: readonly number[]): readonly PackFile[] => sizes.map((bytes) => ({ name: `pack-${bytes}`, bytes, since: 0 }))
  for (const [sizes, joined] of [
    [[], []],
    [[5], []],
    [
      [5, 5],
      [5, 5],
    ],
    [
      [1, 1000],
      [1, 1000],
    ],
    [
      [1000, 1, 2],
      [1, 2],
    ],
    [
      [1000, 10, 10, 10],
      [10, 10, 10],
    ],
    [
      [25, 1000, 10, 10, 10],
      [10, 10, 10, 25],
    ],
    [
      [1, 10, 100, 111, 1000],
      [1, 10, 100, 111],
    ],
  ] as const) {
    it(`makes one of ${joined.join(', ') || 'none'} where there are ${sizes.join(', ') || 'none'}`, () => {
      expect(rollUp(packs(sizes)).map(({ bytes }) => bytes)).to.deep.equal(joined)
    })
  }

  it('leaves few packs however many come', () => {
    let now = packs([100_000])
    let moved = 0
    for (let fetch = 0; fetch < 1000; fetch += 1) {
      now = [...now, { name: `${fetch}`, bytes: 1 + (fetch % 7), since: 0 }]
      if (now.length <= 40) continue
      const joined = rollUp(now)
      const bytes = joined.reduce((sum, pack) => sum + pack.bytes, 0)
      moved += bytes
      now = [...now.filter((pack) => !joined.includes(pack)), { name: 'new', bytes, since: 0 }]
      expect(now.length).to.be.lessThan(15)
    }
    expect(moved).to.be.lessThan(4000 * 10)
  })
})

/** A bare repository with a pack for each of so many commits. As a fetch of Git leaves them: deltas build on what came before, and that came again. */
function manyPacks(count: number): { readonly gitdir: string; readonly head: string } {
  const folder = scratch.folder()
  const lines = Array.from({ length: 300 }, (_, index) => `${index} ${randomBytes(8).toString('hex')}`)
  const work = makeRepository(join(folder, 'work'), { 'a.txt': lines.join('\n'), 'b.bin': randomBytes(2000) })
  git(folder, 'init', '-q', '--bare', 'many.git')
  const gitdir = join(folder, 'many.git')
  let before = ''
  for (let at = 0; at < count; at += 1) {
    lines[at * 3] = `changed ${at}`
    const now = commit(work, { 'a.txt': lines.join('\n'), [`folder/${at}.txt`]: `${at}` })
    const thin = ['pack-objects', '--revs', '--thin', '--stdout', '-q', ...(at % 2 === 0 ? ['--delta-base-offset'] : [])]
    const pack = execFileSync('git', thin, { cwd: work, input: `${now}\n${before === '' ? '' : `^${before}\n`}` })
    execFileSync('git', ['index-pack', '--stdin', '--fix-thin'], { cwd: gitdir, input: pack, stdio: ['pipe', 'ignore', 'inherit'] })
    before = now
  }
  git(gitdir, 'update-ref', 'refs/heads/main', before)
  return { gitdir, head: before }
}

const objectsOf = (gitdir: string) => git(gitdir, 'cat-file', '--batch-all-objects', '--batch-check')

describe('repack', () => {
  for (const name of NAMES) {
    it(`makes one pack with every object of many, reachable or not: ${name}`, async () => {
      const { gitdir, head } = manyPacks(12)
      git(gitdir, 'update-ref', 'refs/heads/main', `${head}~3`)
      const before = objectsOf(gitdir)
      expect(await listPacks(gitdir)).to.have.length(12)
      await repack(gitdir, ENGINES[name], live())
      expect((await listPacks(gitdir)).length).to.be.lessThan(3)
      expect(objectsOf(gitdir)).to.equal(before)
      expect(git(gitdir, 'fsck', '--full', '--strict', '--no-dangling')).to.equal('')
      expect(git(gitdir, 'show', `${head}:folder/11.txt`)).to.equal('11')
      expect(readdirSync(join(gitdir, 'incoming'))).to.deep.equal([])
      const names = readdirSync(join(gitdir, 'objects/pack'))
      expect(names.filter((each) => each.endsWith('.pack'))).to.have.length(names.filter((each) => each.endsWith('.idx')).length)
      const packs = await listPacks(gitdir)
      for (let round = 0; round < 3; round += 1) await repack(gitdir, ENGINES[name], live())
      expect((await listPacks(gitdir)).length).to.be.at.most(packs.length)
      expect(objectsOf(gitdir)).to.equal(before)
    })

    it(`leaves all as it is where a pack is damaged: ${name}`, async () => {
      const { gitdir } = manyPacks(4)
      const [first] = await listPacks(gitdir)
      const path = join(gitdir, 'objects/pack', `${first?.name}.pack`)
      const whole = readFileSync(path)
      rmSync(path, { force: true })
      writeFileSync(path, whole.subarray(0, whole.length / 2))
      const before = readdirSync(join(gitdir, 'objects/pack'))
      expect(await repack(gitdir, ENGINES[name], live()).then(String, () => 'failed')).to.equal('failed')
      expect(readdirSync(join(gitdir, 'objects/pack')).filter((each) => !each.startsWith('tmp_'))).to.deep.equal(before)
      expect(readdirSync(join(gitdir, 'incoming'))).to.deep.equal([])
    })

    it(`stops when the signal says so: ${name}`, async () => {
      const { gitdir } = manyPacks(3)
      const before = readdirSync(join(gitdir, 'objects/pack'))
      const stopped = AbortSignal.abort(new Error('enough'))
      expect(await repack(gitdir, ENGINES[name], stopped).then(String, ({ message }: Error) => message)).to.equal('enough')
      expect(readdirSync(join(gitdir, 'objects/pack'))).to.deep.equal(before)
    })
  }

  it('makes packs of sha256 objects fewer, too', async () => {
    const folder = scratch.folder()
    git(folder, 'init', '-q', '--object-format=sha256', 'r')
    const work = join(folder, 'r')
    for (let at = 0; at < 4; at += 1) {
      commit(work, { 'f.txt': `${at}` })
      git(work, 'repack', '-q', '-d')
    }
    const gitdir = join(work, '.git')
    const before = objectsOf(gitdir)
    await repack(gitdir, system, live())
    expect(await listPacks(gitdir)).to.have.length(1)
    expect(objectsOf(gitdir)).to.equal(before)
  })
})

describe('findDamage', () => {
  for (const name of NAMES) {
    it(`finds none while a repack takes packs away, and names a pack that is cut off afterwards: ${name}`, async () => {
      const { gitdir, head } = manyPacks(40)
      const look = async () => {
        const objects = await ENGINES[name].openObjects(await findPlace(gitdir))
        const damage = await findDamage({ gitdir, objects, refs: new Map([['refs/remotes/origin/main', head]]) })
        await objects.close()
        return damage
      }
      let isOver = false
      const repacking = repack(gitdir, ENGINES[name], live()).finally(() => {
        isOver = true
      })
      const found: unknown[] = []
      while (!isOver) found.push(await look())
      await repacking
      expect(new Set(found)).to.deep.equal(new Set([undefined]))
      const [pack] = await listPacks(gitdir)
      const path = join(gitdir, 'objects/pack', `${pack?.name}.pack`)
      const whole = readFileSync(path)
      rmSync(path, { force: true })
      writeFileSync(path, whole.subarray(0, whole.length / 2))
      expect(await look()).to.equal(`${pack?.name}.pack does not end as its index says`)
    })
  }
})

describe('openUpkeep', () => {
  it('makes one of what came while packs were being joined, too', async () => {
    const { gitdir } = manyPacks(2)
    const begun: number[] = []
    let goOn = () => {}
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const engine: Engine = {
      ...isomorphic,
      async joinPacks(join, signal) {
        begun.push(join.from.length)
        await held
        return isomorphic.joinPacks(join, signal)
      },
    }
    const fail = (cause: unknown) => begun.push(Number.NaN, Number(cause))
    const upkeep = openUpkeep({ engine, maxPacks: 1, onTrouble: fail, onDamage: (_, damage) => fail(damage) })
    const clone = { gitdir, refs: new Map(), objects: scratch.closing(await engine.openObjects(await findPlace(gitdir))) }
    await upkeep.look(clone)
    await eventually(
      () => begun.length,
      (joins) => joins === 1,
    )
    const { gitdir: other, head } = manyPacks(1)
    git(gitdir, '-c', 'fetch.unpackLimit=1', 'fetch', '-q', other, 'main')
    await upkeep.look(clone)
    expect(upkeep.state().disk?.packs).to.equal(3)
    goOn()
    await eventually(
      () => upkeep.state().disk?.packs,
      (packs) => packs === 1,
    )
    expect(begun).to.deep.equal([2, 2])
    await upkeep.stop()
    expect(git(gitdir, 'cat-file', '-t', head)).to.equal('commit')
  })

  it('never takes for left what somebody writes who came while it was cleaning', async () => {
    const gitdir = scratch.folder()
    const upkeep = openUpkeep({ engine: isomorphic, maxPacks: 40, onTrouble: () => {}, onDamage: () => {} })
    const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
    const lost: number[] = []
    for (let round = 0; round < 30; round += 1) {
      mkdirSync(join(gitdir, 'incoming', `${process.pid}-left`), { recursive: true })
      const first = upkeep.write(gitdir, pause)
      await new Promise(setImmediate)
      const write = async (folder: string) => {
        await pause()
        if (!existsSync(folder)) lost.push(round)
      }
      await Promise.all([first, upkeep.write(gitdir, () => withIncoming(gitdir, write))])
    }
    expect(lost).to.deep.equal([])
  })
})

describe('removeLeftoversIn', () => {
  const far = () => Date.now() + 3_600_000

  it('removes what nobody finished, and nothing else', async () => {
    const { gitdir } = manyPacks(2)
    const packs = join(gitdir, 'objects/pack')
    const whole = readdirSync(packs)
    for (const name of [
      'tmp_pack_x',
      'tmp_idx_x',
      '.tmp-1-pack-x.pack',
      'pack-1234.pack',
      'pack-5678.idx',
      'pack-5678.rev',
      'pack-90.keep',
    ])
      writeFileSync(join(packs, name), 'x')
    writeFileSync(join(gitdir, 'packed-refs.new'), 'x')
    writeFileSync(join(gitdir, 'HEAD.new'), 'x')
    for (const name of ['some-old-name', '4194304-x', `${process.pid}-x`, `${process.ppid}-x`])
      mkdirSync(join(gitdir, 'incoming', name), { recursive: true })
    await removeLeftoversIn(gitdir, far)
    expect(readdirSync(packs)).to.have.members(whole)
    expect(readdirSync(gitdir)).to.not.include.members(['packed-refs.new', 'HEAD.new'])
    // Another process that runs may be writing there.
    expect(readdirSync(join(gitdir, 'incoming'))).to.deep.equal([`${process.ppid}-x`])
  })

  it('gives a pack whose index may be on its way some seconds', async () => {
    const { gitdir } = manyPacks(1)
    writeFileSync(join(gitdir, 'objects/pack/pack-1234.pack'), 'x')
    await removeLeftoversIn(gitdir)
    expect(readdirSync(join(gitdir, 'objects/pack'))).to.include('pack-1234.pack')
  })
})

describe('removeLeftoversBeside', () => {
  it('puts back what was being replaced, and removes the rest', async () => {
    const folder = scratch.folder()
    const clone = join(folder, 'clone')
    mkdirSync(join(folder, 'clone.new-4194304-x.old/objects'), { recursive: true })
    mkdirSync(join(folder, 'clone.new-4194304-x'))
    mkdirSync(join(folder, `clone.new-${process.ppid}-y`))
    await removeLeftoversBeside(clone)
    expect(readdirSync(folder)).to.have.members(['clone', `clone.new-${process.ppid}-y`])
    expect(readdirSync(clone)).to.deep.equal(['objects'])
  })
})

for (const engine of [...NAMES, 'auto'] as const) {
  describe(`openGitTree, engine ${engine}, with many fetches`, () => {
    async function setUp() {
      const folder = scratch.folder()
      const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': '0', 'g.txt': 'g' })
      const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      const place = join(folder, 'data/clone')
      const trouble: string[] = []
      const open = (options: Partial<GitTreeOptions> = {}) =>
        scratch.closing(
          openGitTree(
            gitOptions(`${server.url}/work/.git`, place, { engine, onTrouble: ({ message }) => trouble.push(message), ...options }),
          ),
        )
      return { work, place, open, trouble }
    }
    const fetched = () => AbortSignal.timeout(10_000)

    it('keeps few packs, and no read beside that fails', async () => {
      const { work, place, open, trouble } = await setUp()
      const tree = open({ maxPacks: 3 })
      const first = await whenReady(tree)
      const failed: string[] = []
      let reads = 0
      let isOver = false
      const reading = (async () => {
        while (!isOver) {
          const at = { id: reads % 2 === 0 ? (first ?? '') : (tree.current('main') ?? '') }
          await tree.read(at, 'f.txt').catch(({ message }: Error) => failed.push(message))
          reads += 1
          // What is in memory would leave nobody else a turn.
          await new Promise(setImmediate)
        }
      })()
      const most: number[] = []
      for (let at = 1; at <= 14; at += 1) {
        commit(work, { 'f.txt': `${at}`, [`more/${at}.txt`]: `${at}` })
        await tree.fetch(fetched())
        expect(await text(tree, 'main', 'f.txt')).to.equal(`${at}`)
        most.push((await listPacks(place)).length)
      }
      await eventually(
        () => tree.status().disk?.packs ?? 0,
        (packs) => packs <= 3,
      )
      isOver = true
      await reading
      expect(failed).to.deep.equal([])
      expect(reads).to.be.greaterThan(20)
      expect(trouble).to.deep.equal([])
      expect(Math.max(...most)).to.be.lessThan(10)
      expect(git(place, 'fsck', '--full')).to.equal('')
      expect(tree.status().disk?.bytes).to.be.greaterThan(500)
    })

    it('still reads what was pushed away', async () => {
      const { work, open } = await setUp()
      const tree = open({ maxPacks: 1 })
      await whenReady(tree)
      const gone = commit(work, { 'f.txt': 'gone' })
      await tree.fetch(fetched())
      git(work, 'reset', '-q', '--hard', 'HEAD~1')
      for (let at = 1; at <= 3; at += 1) {
        commit(work, { 'f.txt': `${at}` })
        await tree.fetch(fetched())
        await eventually(
          () => tree.status().disk?.packs,
          (packs) => packs === 1,
        )
      }
      expect(Buffer.from((await tree.read({ id: gone }, 'f.txt'))?.bytes ?? []).toString()).to.equal('gone')
      await tree.close()
      const again = open({ maxPacks: 1 })
      expect(await text(again, 'main', 'f.txt')).to.equal('3')
      expect(await text(again, gone, 'f.txt')).to.equal('gone')
    })

    it('has a clone made anew whose packs cannot be made fewer because one has rotted', async () => {
      const { work, place, open, trouble } = await setUp()
      const tree = open({ maxPacks: 2 })
      await whenReady(tree)
      commit(work, { 'f.txt': '1' })
      await tree.fetch(fetched())
      const [first] = await listPacks(place)
      const path = join(place, 'objects/pack', `${first?.name}.pack`)
      const rotten = readFileSync(path)
      rotten.writeUInt8(rotten.readUInt8(rotten.length - 25) ^ 0xff, rotten.length - 25)
      rmSync(path, { force: true })
      writeFileSync(path, rotten)
      commit(work, { 'f.txt': '2' })
      await tree.fetch(fetched())
      await eventually(
        () => trouble.join(),
        (said) => said.includes('has not the checksum that it names'),
      )
      await eventually(
        () => tree.status(),
        ({ lastError, disk }) => lastError === undefined && disk?.packs === 1,
      )
      expect(await text(tree, 'main', 'f.txt')).to.equal('2')
      expect(git(place, 'fsck', '--full')).to.equal('')
    })
  })
}
