import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import type { ConfigError } from '../../client/src/errors.js'
import { type Kept, openSnapshot, type SnapshotPlace } from '../../client/src/snapshot.js'
import { canary } from '../../scripts/canary.mjs'

const SECRET = canary('value')
const KEY = '0f'.repeat(32)
const PASSPHRASE = canary('passphrase')
const view = { names: ['orders'], profiles: ['prod'], labels: [] }

const documentOf = (digest: string): Kept => ({
  text: `{"version":"c0ffee","propertySources":[{"name":"a.yml","source":{"db.password":"${SECRET}"}}]}`,
  version: { commit: 'c0ffee', label: 'main', digest },
  validator: `W/"${digest}"`,
})

const errorOf = async (attempt: Promise<unknown>): Promise<ConfigError> => {
  try {
    await attempt
  } catch (error) {
    return error as ConfigError
  }
  throw new Error('nothing was thrown')
}

describe('openSnapshot', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carillon-snapshot-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const at = (now: number) => ({ now: () => now, sleep: async () => {} })
  const open = (place: Partial<SnapshotPlace> = {}) => openSnapshot({ folder, view, clock: at(1_000_000), ...place })

  for (const [how, encryptKey] of [
    ['in plain text', undefined],
    ['with a key in hex', KEY],
    ['with a key in base64', Buffer.alloc(32, 7).toString('base64')],
    ['with a passphrase', PASSPHRASE],
  ] as const) {
    it(`gives back what was written, ${how}`, async () => {
      await open({ encryptKey }).write(documentOf('d1'))
      const sources = [{ name: 'a.yml', properties: new Map([['db.password', { value: SECRET }]]) }]
      expect(await open({ encryptKey }).read()).to.deep.equal({ ...documentOf('d1'), sources, savedAt: new Date(1_000_000) })
    })
  }

  it('has nothing where nothing was written, and makes no folder for that', async () => {
    expect(await open({ folder: join(folder, 'none') }).read()).to.equal(undefined)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('keeps folder and file for this user alone', async () => {
    const inside = join(folder, 'deep/er')
    const snapshot = open({ folder: inside })
    await snapshot.write(documentOf('d1'))
    expect((await stat(inside)).mode & 0o777).to.equal(0o700)
    expect((await stat(snapshot.path)).mode & 0o777).to.equal(0o600)
  })

  it('leaves nothing readable in an encrypted file but whose it is, and no two files alike', async () => {
    const snapshot = open({ encryptKey: KEY })
    await snapshot.write(documentOf('d1'))
    const first = await readFile(snapshot.path)
    expect(first.toString('latin1')).to.not.contain(SECRET).and.not.contain('c0ffee').and.not.contain('password')
    await snapshot.write(documentOf('d1'))
    expect(first.equals(await readFile(snapshot.path))).to.equal(false)
  })

  it('warns once that a file is not encrypted, and not where it is', async () => {
    const said: string[] = []
    const warn = (message: string) => said.push(message)
    const plain = open({ warn })
    for (const digest of ['d1', 'd2']) await plain.write(documentOf(digest))
    await open({ warn, encryptKey: KEY }).write(documentOf('d1'))
    expect(said).to.have.lengthOf(1)
    expect(said[0]).to.contain('not encrypted').and.contain(folder)
  })

  it('writes what a server decrypted with a key only, and lets no older answer stand in its place', async () => {
    const said: string[] = []
    const warn = (message: string) => said.push(message)
    const plain = open({ warn })
    await plain.write({ ...documentOf('d1'), text: '{"propertySources":[]}' })
    for (const digest of ['d2', 'd3']) await plain.write({ ...documentOf(digest), decrypted: true })
    expect(await readdir(folder)).to.deep.equal([])
    expect(said.filter((message) => message.includes('is not kept'))).to.have.lengthOf(1)
    expect(said.join()).to.contain('CARILLON_SNAPSHOT_KEY')
    const keyed = open({ warn, encryptKey: KEY })
    await keyed.write({ ...documentOf('d4'), decrypted: true })
    expect((await keyed.read())?.text).to.contain(SECRET)
  })

  it('has a file of its own for each view', () => {
    const views = [
      view,
      { ...view, names: ['Orders'] },
      { ...view, profiles: [] },
      { ...view, labels: ['prod'] },
      { names: ['orders-prod'], profiles: [], labels: [] },
      { names: ['orders', 'prod'], profiles: [], labels: [] },
      { names: ['prod'], profiles: ['orders'], labels: [] },
      { names: ['orders,prod'], profiles: [], labels: [] },
      { names: ['orders_prod'], profiles: [], labels: [] },
      { names: ['orders/prod'], profiles: [], labels: [] },
      { names: ['../../etc/passwd'], profiles: ['x'.repeat(500)], labels: ['\u0000', 'ä'] },
    ]
    const names = views.map((each) => basename(open({ view: each }).path).toLowerCase())
    expect(new Set(names).size).to.equal(views.length)
    for (const name of names) expect(name).to.match(/^[a-z0-9_-]{1,93}\.snapshot$/)
  })

  describe('what is not used', () => {
    const cases: readonly {
      readonly it: string
      readonly says: RegExp
      readonly wrote?: Partial<SnapshotPlace>
      readonly reads?: Partial<SnapshotPlace>
      readonly spoil?: (path: string) => Promise<unknown>
    }[] = [
      { it: 'a file in plain text with one bit changed', spoil: flip(-40), says: /damaged/ },
      { it: 'a file in plain text with another time', spoil: replace('1970-01-01T00:16', '1970-01-01T00:15'), says: /damaged/ },
      { it: 'a file that ends early', spoil: cut(-10), says: /damaged or not complete/ },
      { it: 'a file that ends in its first line', spoil: cut(30), says: /beginning is damaged/ },
      { it: 'an empty file', spoil: cut(0), says: /no snapshot/ },
      { it: 'a file of somebody else', spoil: (path) => writeFile(path, `{"password":"${SECRET}"}\n`), says: /no snapshot/ },
      { it: 'bytes', spoil: (path) => writeFile(path, Buffer.alloc(200_000, 0xff)), says: /no snapshot/ },
      { it: 'another format', spoil: replace('"carillonSnapshot":1', '"carillonSnapshot":2'), says: /format is 2, expected 1/ },
      { it: 'an encrypted file with one bit changed', wrote: { encryptKey: KEY }, spoil: flip(-40), says: /another key, or it is damaged/ },
      { it: 'an encrypted file that ends early', wrote: { encryptKey: KEY }, spoil: cut(-1), says: /another key, or it is damaged/ },
      {
        it: 'an encrypted file with another time',
        wrote: { encryptKey: KEY },
        spoil: replace('1970-01-01T00:16', '1970-01-01T00:15'),
        says: /another key, or it is damaged/,
      },
      { it: 'a file of another key', wrote: { encryptKey: KEY }, reads: { encryptKey: 'f0'.repeat(32) }, says: /another key/ },
      {
        it: 'a file of another passphrase',
        wrote: { encryptKey: PASSPHRASE },
        reads: { encryptKey: `${PASSPHRASE}!` },
        says: /another key/,
      },
      {
        it: 'a file of a key, with a passphrase',
        wrote: { encryptKey: KEY },
        reads: { encryptKey: PASSPHRASE },
        says: /encrypted with a key of 32 bytes, and a passphrase is given/,
      },
      { it: 'an encrypted file without a key', wrote: { encryptKey: KEY }, reads: { encryptKey: undefined }, says: /no key is given/ },
      { it: 'a file in plain text where a key is given', reads: { encryptKey: KEY }, says: /not encrypted/ },
      { it: 'a file that is too old', reads: { maxAgeMs: 500, clock: at(1_000_501) }, says: /too old.*501 ms ago, and may be 500 ms old/ },
      { it: 'a file of tomorrow', reads: { maxAgeMs: 500, clock: at(1) }, says: /has no age/ },
      { it: 'a folder in its place', spoil: (path) => inPlaceOf(path, () => mkdir(path)), says: /no file|EISDIR/ },
      { it: 'a link to something', spoil: (path) => inPlaceOf(path, () => symlink('/etc/hostname', path)), says: /cannot be read/ },
    ]
    for (const { it: what, says, wrote = {}, reads = wrote, spoil } of cases) {
      it(what, async () => {
        const { path, write } = open(wrote)
        await write(documentOf('d1'))
        await spoil?.(path)
        const error = await errorOf(open(reads).read())
        expect(error).to.include({ name: 'ConfigError', code: 'bad-snapshot' })
        expect(error.message).to.match(says).and.contain(path)
        expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).to.not.contain(SECRET)
      })
    }

    it('an answer that is none', async () => {
      for (const text of [`{"propertySources":"${SECRET}"}`, `{"${SECRET}`, '[]']) {
        const { path, read, write } = open()
        await write({ ...documentOf('d1'), text })
        const error = await errorOf(read())
        expect(error.code).to.equal('bad-snapshot')
        expect(error.message).to.contain(path).and.contain('no answer of a server').and.not.contain(SECRET)
      }
    })

    it('a file of another view under the name of ours, encrypted or not', async () => {
      for (const encryptKey of [undefined, KEY]) {
        const theirs = open({ encryptKey, view: { ...view, profiles: ['dev'] } })
        const ours = open({ encryptKey })
        await theirs.write(documentOf('d1'))
        await copyFile(theirs.path, ours.path)
        expect((await errorOf(ours.read())).message).to.contain('another view')
        // Nor with its first line made to fit.
        await replace('[\\"dev\\"]', '[\\"prod\\"]')(ours.path)
        expect((await errorOf(ours.read())).message).to.contain('damaged')
      }
    })
  })

  it('is used to the end of its time, and is read by other hands without one', async () => {
    await open().write(documentOf('d1'))
    expect(await open({ maxAgeMs: 500, clock: at(1_000_500) }).read()).to.include({ text: documentOf('d1').text })
    expect(await open({ clock: at(1) }).read()).to.include({ text: documentOf('d1').text })
  })

  it('is renewed by confirm() once a tenth of its time has gone by', async () => {
    let now = 1_000_000
    const clock = { now: () => now, sleep: async () => {} }
    const snapshot = open({ maxAgeMs: 1000, clock })
    await snapshot.confirm()
    expect(await snapshot.read()).to.equal(undefined)
    await snapshot.write(documentOf('d1'))
    const savedAfter = async (milliseconds: number) => {
      now += milliseconds
      await snapshot.confirm()
      return (await snapshot.read())?.savedAt.getTime()
    }
    expect(await savedAfter(99)).to.equal(1_000_000)
    expect(await savedAfter(1)).to.equal(1_000_100)
    // Of one that another process wrote, too.
    const later = open({ maxAgeMs: 1000, clock })
    await later.read()
    now += 500
    await later.confirm()
    expect((await later.read())?.savedAt.getTime()).to.equal(1_000_600)
  })

  it('refuses a key that can be guessed', () => {
    for (const encryptKey of ['', 'short'])
      expect(() => open({ encryptKey }))
        .to.throw('at least 12')
        .with.property('code', 'bad-options')
  })

  it('says what is wrong when it cannot write, and goes on when it can again', async () => {
    const place = join(folder, 'file')
    await writeFile(place, '')
    const snapshot = open({ folder: place })
    const error = await errorOf(snapshot.write(documentOf('d1')))
    expect(error.code).to.equal('bad-snapshot')
    expect(error.message)
      .to.contain(snapshot.path)
      .and.match(/EEXIST|ENOTDIR/)
    rmSync(place)
    await snapshot.write(documentOf('d2'))
    expect((await snapshot.read())?.version.digest).to.equal('d2')
  })

  it('leaves the old file and nothing else behind when a write fails', async () => {
    const snapshot = open()
    await mkdir(join(snapshot.path, 'in-the-way'), { recursive: true })
    expect((await errorOf(snapshot.write(documentOf('d1')))).code).to.equal('bad-snapshot')
    expect(await readdir(folder)).to.deep.equal([basename(snapshot.path)])
  })

  it('writes in order, and makes one of the writes that wait', async () => {
    const snapshot = open()
    const writes = ['d1', 'd2', 'd3', 'd4'].map((digest) => snapshot.write(documentOf(digest)))
    expect(new Set(writes).size).to.be.below(4)
    await Promise.all(writes)
    expect((await snapshot.read())?.version.digest).to.equal('d4')
    expect(await readdir(folder)).to.have.lengthOf(1)
  })

  it('removes what dead processes left behind, and nothing else', async () => {
    const left = `${basename(open().path)}.00000000-0000-4000-8000-000000000000.new`
    const fresh = `${basename(open().path)}.00000000-0000-4000-8000-000000000001.new`
    for (const name of [left, fresh, 'notes.new', 'other.snapshot']) await writeFile(join(folder, name), '')
    const now = Date.now()
    for (const name of [left, 'notes.new', 'other.snapshot']) await utimes(join(folder, name), 0, now / 1000 - 7200)
    await open({ clock: at(now) }).write(documentOf('d1'))
    expect((await readdir(folder)).sort()).to.deep.equal([basename(open().path), fresh, 'notes.new', 'other.snapshot'].sort())
  })

  it('is whole at every moment while several processes write and are killed', async () => {
    const script = `
      import { openSnapshot } from '${join(import.meta.dirname, '../../client/src/snapshot.ts')}'
      const snapshot = openSnapshot({ folder: process.argv[1], view: ${JSON.stringify(view)}, encryptKey: '${KEY}' })
      const source = { name: process.argv[2].repeat(300_000), source: {} }
      const text = JSON.stringify({ propertySources: [source] })
      process.stdout.write('.')
      for (;;) await snapshot.write({ text, version: { commit: '', label: '', digest: process.argv[2] } })`
    const flags = ['--import=tsx/esm', '--conditions=@carillon/source', '--input-type=module', '--eval', script]
    const writers = ['a', 'b', 'c'].map((letter) =>
      spawn(process.execPath, [...flags, '--', folder, letter], { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    try {
      await Promise.all(writers.map(({ stdout }) => once(stdout, 'data')))
      const seen = new Set<string>()
      for (const until = Date.now() + 20_000; seen.size < 2 && Date.now() < until; ) {
        const found = await open({ encryptKey: KEY }).read()
        if (found === undefined) continue
        expect(found.sources[0]?.name === found.version.digest.repeat(300_000)).to.equal(true)
        seen.add(found.version.digest)
      }
      expect(seen.size).to.be.above(1)
    } finally {
      for (const writer of writers) writer.kill('SIGKILL')
      await Promise.all(writers.map((writer) => writer.exitCode ?? writer.signalCode ?? once(writer, 'exit')))
    }
    expect((await open({ encryptKey: KEY }).read())?.sources[0]?.name).to.have.lengthOf(300_000)
  })
})

/** Changes one bit, so many bytes from the end. */
function flip(offset: number) {
  return async (path: string) => {
    const bytes = await readFile(path)
    const index = bytes.length + offset
    bytes[index] = bytes[index]! ^ 1
    await writeFile(path, bytes)
  }
}

function cut(end: number) {
  return async (path: string) => writeFile(path, (await readFile(path)).subarray(0, end))
}

function replace(what: string, by: string) {
  return async (path: string) => {
    const text = await readFile(path, 'latin1')
    expect(text).to.contain(what)
    await writeFile(path, text.replace(what, by), 'latin1')
  }
}

async function inPlaceOf(path: string, make: () => Promise<unknown>): Promise<void> {
  rmSync(path)
  await make()
}
