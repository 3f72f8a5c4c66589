import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAtOnce } from '../../../../server/src/trees/git/isomorphic/at-once.js'
import { applyDelta } from '../../../../server/src/trees/git/isomorphic/delta.js'
import { heldWhole } from '../../../../server/src/trees/git/isomorphic/held-whole.js'
import { keepBytes } from '../../../../server/src/trees/git/isomorphic/kept-bytes.js'
import { openStore } from '../../../../server/src/trees/git/isomorphic/objects.js'
import { createTurns } from '../../../../server/src/trees/git/isomorphic/turns.js'
import type { ObjectStore } from '../../../../server/src/trees/git/objects.js'
import { commit, git, makeRepository, makeScratch } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

/** A repository in which versions of a long file follow one another, so that packs hold chains of deltas. */
function makeHistory(): string {
  const repository = makeRepository(join(scratch.folder(), 'r'), { 'a.yml': text(0), 'empty.txt': '', 'deep/er/b.yml': 'b: 1\n' })
  for (let version = 1; version < 12; version++)
    commit(repository, { 'a.yml': text(version), [`deep/c${version}.yml`]: text(version * 31) })
  git(repository, 'tag', '-a', '-m', 'a tag', 'v1')
  return repository
}

function text(version: number): string {
  return Array.from({ length: 400 }, (_, line) => `key-${line}: ${line === version ? 'changed' : digest(`${line}`)}\n`).join('')
}

function digest(content: string): string {
  return createHash('sha1').update(content).digest('hex')
}

function idsOf(repository: string): readonly string[] {
  return git(repository, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n')
}

function store(repository: string): ObjectStore {
  return scratch.closing(openStore(join(repository, '.git')))
}

async function readAll(from: ObjectStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const found = await from.load(id)
    const hash = createHash('sha1')
      .update(`${found?.type} ${found?.size}\0`)
      .update(found?.bytes ?? '')
    expect(hash.digest('hex')).to.equal(id)
  }
}

/** Packs all objects and leaves none beside the pack. */
function pack(repository: string, ...options: readonly string[]): void {
  const input = idsOf(repository).join('\n')
  const folder = join(repository, '.git/objects/pack')
  execFileSync('git', [...['pack-objects', '-q'], ...options, join(folder, 'pack')], { cwd: repository, input })
  git(repository, 'prune-packed')
}

describe('openStore, isomorphic', () => {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ['whole objects', ['--depth=0']],
    ['deltas by offset', ['--delta-base-offset', '--depth=50', '--window=50']],
    ['deltas by id', ['--depth=50', '--window=50']],
    ['far offsets', ['--delta-base-offset', '--index-version=2,0x40']],
    ['bytes that do not compress', ['--compression=0']],
  ]
  for (const [name, options] of ways) {
    it(`reads every object of a pack: ${name}`, async () => {
      const repository = makeHistory()
      pack(repository, ...options)
      const ids = idsOf(repository)
      expect(git(repository, 'count-objects')).to.match(/^0 objects/)
      await readAll(store(repository), ids)
      await readAll(store(repository), ids.toReversed())
    })
  }

  it('reads files of their own, several packs, and what comes while it is open', async () => {
    const repository = makeHistory()
    const from = store(repository)
    await readAll(from, idsOf(repository))
    pack(repository)
    const later = commit(repository, { 'a.yml': text(99) })
    await readAll(from, idsOf(repository))
    git(repository, 'repack', '-q', '-d')
    expect(readdirSync(join(repository, '.git/objects/pack')).filter((file) => file.endsWith('.pack'))).to.have.length(2)
    await readAll(from, idsOf(repository))
    git(repository, 'repack', '-q', '-a', '-d')
    await readAll(from, [later, ...idsOf(repository)])
  })

  it('finds nothing where there is nothing, and the empty folder always', async () => {
    const repository = makeHistory()
    const from = store(repository)
    expect(await from.load('0123456789012345678901234567890123456789')).to.equal(undefined)
    expect(await from.load('4b825dc642cb6eb9a060e54bf8d69288fbee4904')).to.include({ type: 'tree', size: 0 })
    rmSync(join(repository, '.git/objects/pack'), { recursive: true, force: true })
    await readAll(from, idsOf(repository))
  })

  it('says of huge objects only how long they are, packed or not, and reads small ones that are made of them', async () => {
    const huge = Buffer.alloc(33 * 1024 * 1024, 'huge ')
    const repository = makeRepository(join(scratch.folder(), 'r'), { 'a.bin': huge, 'b.bin': huge.subarray(0, 33 * 1024 * 1024 - 1) })
    const ids = ['a.bin', 'b.bin'].map((file) => git(repository, 'rev-parse', `HEAD:${file}`))
    const sizes = async () => Promise.all(ids.map(async (id) => (await store(repository).load(id))?.size))
    expect(await sizes()).to.deep.equal([huge.length, huge.length - 1])
    pack(repository, '--delta-base-offset')
    expect(await sizes()).to.deep.equal([huge.length, huge.length - 1])
    expect((await store(repository).load(ids[0] ?? ''))?.bytes).to.have.length(0)
  })

  it('expands the beginning of an id, wherever the object is, unless two begin so', async () => {
    const repository = makeHistory()
    pack(repository)
    const loose = commit(repository, { 'a.yml': text(77) })
    const from = store(repository)
    for (const id of [loose, git(repository, 'rev-parse', 'HEAD~3')]) {
      expect(await from.expand(id.slice(0, 13))).to.equal(id)
      expect(await from.expand(id.slice(0, 14))).to.equal(id)
    }
    expect(await from.expand('0000000')).to.equal(undefined)
    const [one = '', other = ''] = twoAlike(repository)
    expect(await from.expand(one.slice(0, 4))).to.equal(undefined)
    expect(await from.expand(one)).to.equal(one)
    expect(await from.expand(other)).to.equal(other)
  })

  it('gives what is right or an error for a pack with damage anywhere', async () => {
    const repository = makeHistory()
    pack(repository, '--delta-base-offset')
    const ids = idsOf(repository)
    const file = readdirSync(join(repository, '.git/objects/pack')).find((name) => name.endsWith('.pack')) ?? ''
    const path = join(repository, '.git/objects/pack', file)
    const whole = readFileSync(path)
    let errors = 0
    for (let at = 12; at < whole.length; at += Math.ceil(whole.length / 12)) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      rmSync(path)
      writeFileSync(path, damaged)
      const from = store(repository)
      const outcomes = await Promise.allSettled(ids.map((id) => readAll(from, [id])))
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue
        errors += 1
        expect(String(outcome.reason)).not.to.contain('AssertionError')
      }
    }
    expect(errors).to.be.greaterThan(0)
  })

  it('names an index that is damaged, and reads what is elsewhere', async () => {
    const repository = makeHistory()
    const packed = git(repository, 'rev-parse', 'HEAD')
    pack(repository)
    const loose = commit(repository, { 'a.yml': text(55) })
    const file = readdirSync(join(repository, '.git/objects/pack')).find((name) => name.endsWith('.idx')) ?? ''
    rmSync(join(repository, '.git/objects/pack', file))
    writeFileSync(join(repository, '.git/objects/pack', file), 'no index')
    const from = store(repository)
    expect((await from.load(loose))?.type).to.equal('commit')
    expect(await from.load(packed).catch((error: Error) => error.message)).to.contain('index of a pack is damaged')
  })

  it('holds no file open once it is closed, or has forgotten its packs', async () => {
    const repository = makeHistory()
    pack(repository)
    const ids = idsOf(repository)
    const from = store(repository)
    await readAll(from, ids)
    expect(openFiles(repository)).to.have.length(2)
    const reading = readAll(from, ids)
    from.forgetPacks()
    await reading
    await from.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(openFiles(repository)).to.deep.equal([])
    expect(await from.load(ids[0] ?? '').catch((error: Error) => error.message)).to.equal('the repository is closed')
  })

  it('holds no file open where it is closed in the middle of a read, whole or damaged', async () => {
    const repository = makeHistory()
    pack(repository)
    const folder = join(repository, '.git/objects/pack')
    const [packed, absent] = [git(repository, 'rev-parse', 'HEAD'), 'f'.repeat(40)]
    for (const damage of ['none', 'an index'] as const) {
      if (damage === 'an index') writeFileSync(join(folder, 'pack-0.idx'), 'no index')
      for (let turns = 0; turns < 12; turns++) {
        const from = store(repository)
        await from.load(packed)
        const reading = from.load(absent).catch(() => undefined)
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        await from.close()
        await reading
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(openFiles(repository), damage).to.deep.equal([])
    }
  })
})

/** The ids of two new objects that begin with the same four digits. */
function twoAlike(repository: string): readonly string[] {
  const seen = new Map<string, string>()
  for (let number = 0; ; number++) {
    const content = `${number}`
    const id = digest(`blob ${content.length}\0${content}`)
    const before = seen.get(id.slice(0, 4))
    seen.set(id.slice(0, 4), content)
    if (before === undefined) continue
    return [before, content].map((input) =>
      execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository, input }).toString().trim(),
    )
  }
}

function openFiles(repository: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((file) => {
    try {
      const path = readlinkSync(join('/proc/self/fd', file))
      return path.startsWith(repository) ? [path] : []
    } catch {
      return []
    }
  })
}

describe('createAtOnce', () => {
  const open = () => {
    let now = 0
    const atOnce = createAtOnce(() => now)
    return {
      atOnce,
      take: (time: number) =>
        atOnce(() => {
          now += time
          return 'read'
        }) ?? 'not',
      pass: (time: number) => {
        now += time
      },
    }
  }

  it('leaves a disk that is slow twice in a row to others for ten seconds', () => {
    const { take, pass } = open()
    expect([3, 1, 3, 3, 0].map(take)).to.deep.equal(['read', 'read', 'read', 'read', 'not'])
    pass(9_999)
    expect(take(0)).to.equal('not')
    pass(1)
    expect([3, 1, 3].map(take)).to.deep.equal(['read', 'read', 'read'])
  })

  it('throws what the reading throws, and reads on', () => {
    const { atOnce, take } = open()
    expect(() =>
      atOnce(() => {
        throw new Error('a bad place of the disk')
      }),
    ).to.throw('a bad place of the disk')
    expect(take(1)).to.equal('read')
  })
})

describe('createTurns', () => {
  it('works on for four milliseconds, and all who come then share the turns that follow', async () => {
    let now = 0
    const ends: (() => void)[] = []
    const ownTurn = createTurns({ clock: () => now, afterTurn: (work) => ends.push(work) })
    const done: number[] = []
    const work = async (number: number) => {
      await ownTurn()
      now += 2
      done.push(number)
    }
    const all = Promise.all(Array.from({ length: 8 }, (_, index) => work(index)))
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    await settled()
    expect(done).to.deep.equal([0, 1, 2])
    ends.shift()?.()
    await settled()
    expect(done).to.deep.equal([0, 1, 2, 3, 4, 5])
    ends.shift()?.()
    await all
    expect([done, ends.length]).to.deep.equal([[0, 1, 2, 3, 4, 5, 6, 7], 1])
  })

  it('lets others have their turn while thousands of objects are read', async () => {
    const repository = makeHistory()
    git(repository, 'gc', '-q')
    const objects = store(repository)
    const ids = idsOf(repository)
    let turns = 0
    let reading = true
    const count = (): void => {
      turns += 1
      if (reading) setImmediate(count)
    }
    setImmediate(count)
    for (const end = performance.now() + 100; performance.now() < end; ) for (const id of ids) await objects.load(id)
    reading = false
    expect(turns).to.be.greaterThan(5)
  })
})

describe('heldWhole', () => {
  const bytes = Buffer.from('the index of a pack')
  const open = ({ fails = 0 } = {}) => {
    const readings: string[] = []
    const file = {
      serial: 1,
      size: bytes.length,
      close: async () => undefined,
      read: async (from: number, length: number) => {
        readings.push(`${from}+${length}`)
        if (readings.length <= fails) throw new Error('a bad place of the disk')
        return bytes.subarray(from, from + length)
      },
    }
    return { file, readings }
  }

  it('reads a file once, and gives its parts from memory, until it is closed', async () => {
    const { file, readings } = open()
    const room = { size: 30, taken: 0 }
    const held = heldWhole(file, room)
    expect(room.taken).to.equal(0)
    const parts = await Promise.all([held.read(4, 5), held.read(0, 3), held.read(15, 100), held.read(50, 1)])
    expect(parts.map(String)).to.deep.equal(['index', 'the', 'pack', ''])
    expect([readings, room.taken]).to.deep.equal([['0+19'], 19])
    await held.close()
    await held.close()
    expect(room.taken).to.equal(0)
  })

  it('reads in parts what there is no room for, and holds it once there is', async () => {
    const { file, readings } = open()
    const room = { size: 30, taken: 12 }
    const held = heldWhole(file, room)
    expect(`${await held.read(4, 5)}`).to.equal('index')
    room.taken = 11
    expect(`${await held.read(4, 5)}`).to.equal('index')
    expect([readings, room.taken]).to.deep.equal([['4+5', '0+19'], 30])
  })

  it('takes no room where reading fails, and tries again', async () => {
    const { file } = open({ fails: 1 })
    const room = { size: 30, taken: 0 }
    const held = heldWhole(file, room)
    expect(await held.read(4, 5).catch(({ message }) => message)).to.equal('a bad place of the disk')
    expect(room.taken).to.equal(0)
    expect(`${await held.read(4, 5)}`).to.equal('index')
    expect(room.taken).to.equal(19)
  })
})

describe('keepBytes', () => {
  it('keeps what came last, whole or in part, and gives copies', () => {
    const kept = keepBytes<number>(64)
    for (let number = 0; number < 50; number++) {
      kept.put(`${number}`, Buffer.alloc(1 + (number % 8), number), number)
      const found = Array.from({ length: number + 1 }, (_, at) => kept.get(`${at}`)).filter((one) => one !== undefined)
      expect(found.at(-1)).to.deep.equal({ bytes: Buffer.alloc(1 + (number % 8), number), note: number })
      for (const { bytes, note } of found) expect(bytes.equals(Buffer.alloc(1 + (note % 8), note))).to.equal(true)
      expect(found.reduce((sum, { bytes }) => sum + bytes.length, 0)).to.be.within(Math.min(number, 40), 64)
    }
    kept.get('49')?.bytes.fill(0)
    expect(kept.get('49', 1, 1)?.bytes).to.deep.equal(Buffer.from([49]))
    expect(kept.get('49', 1)?.bytes).to.deep.equal(Buffer.from([49]))
  })

  it('keeps nothing that would take the place of nearly all', () => {
    const kept = keepBytes<undefined>(64)
    kept.put('long', Buffer.alloc(9), undefined)
    expect(kept.get('long')).to.equal(undefined)
  })
})

describe('applyDelta', () => {
  const base = Buffer.from('0123456789')
  const rows: readonly (readonly [string, readonly number[], string])[] = [
    ['copies, and adds', [10, 7, 0x91, 2, 3, 2, 0x41, 0x42, 0x90, 2], '234AB01'],
    ['makes nothing', [10, 0], ''],
  ]
  for (const [name, delta, expected] of rows) it(name, () => expect(applyDelta(base, Buffer.from(delta)).toString()).to.equal(expected))

  const refused: readonly (readonly [string, readonly number[], string])[] = [
    ['another base', [9, 1, 1, 0x41], 'for an object of 9 bytes'],
    ['a copy beyond the base', [10, 4, 0x91, 8, 4], 'leads out'],
    ['more than it says', [10, 1, 2, 0x41, 0x42], 'more than it says'],
    ['less than it says', [10, 3, 2, 0x41, 0x42], 'made 2 bytes of 3'],
    ['an addition that is not there', [10, 4, 4, 0x41], 'leads out'],
    ['what is not known', [10, 1, 0], 'not known'],
    ['half a size', [0x8a], 'ends too early'],
  ]
  for (const [name, delta, expected] of refused) {
    it(`refuses ${name}`, () => expect(() => applyDelta(base, Buffer.from(delta))).to.throw(expected))
  }
})
