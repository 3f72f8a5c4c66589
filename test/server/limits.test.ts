import { join } from 'node:path'
import { expect } from 'chai'
import type { ServerError } from '../../server/src/errors.js'
import { createReadersRecord } from '../../server/src/refresh/readers-record.js'
import { createSteeringFiles } from '../../server/src/refresh/steering-files.js'
import { lookUp } from '../../server/src/resolution/lookup.js'
import { openLastGood } from '../../server/src/sources/last-good.js'
import { createParsedFiles } from '../../server/src/sources/parsed-files.js'
import { createTakeUps } from '../../server/src/sources/take-ups.js'
import { openMemoryTree } from '../tools/memory-tree.js'
import { makeScratch } from './trees/repositories.js'

const scratch = makeScratch()
const onTrouble = (message: string) => expect.fail(message)
/** A name of 1,000 characters. */
const long = (index: number) => String(index).padStart(1000, 'x')

describe('lookUp: keys', () => {
  const fileOf = (keys: number) => [{ properties: new Map(Array.from({ length: keys }, (_, index) => [`k${index}`, { value: 1n }])) }]
  const lookIn = async (sizes: Readonly<Record<string, number>>): Promise<string> => {
    const present = async (paths: readonly string[]) => new Set(paths.filter((path) => sizes[path] !== undefined))
    const read = async (path: string) => (sizes[path] === undefined ? undefined : fileOf(sizes[path]))
    const request = { applications: ['shop'], profiles: ['dev'], locations: [{ text: '', path: '' }] }
    return lookUp({ present, read, folders: async () => [] }, request).then(
      (documents) => `${documents.length} documents`,
      ({ code, message, place }: ServerError) => `${code} ${place.file}: ${message}`,
    )
  }

  it('takes 250,000 of all files together, and says how many there were, and where, beyond that', async () => {
    expect(await lookIn({ 'shop.yml': 100_000, 'application.yml': 100_000, 'shop-dev.yml': 50_000 })).to.equal('3 documents')
    expect(await lookIn({ 'shop.yml': 100_000, 'application.yml': 100_000, 'shop-dev.yml': 50_001 })).to.match(
      /^too-large (\S+): The files of one request hold 250001 keys with those of '\1': expected at most 250000\.$/,
    )
  })
})

describe('what is remembered by name', () => {
  after(() => scratch.clear())

  it('is bounded by bytes: readers of plain-text files', async () => {
    const path = join(scratch.folder(), 'readers.json')
    const record = createReadersRecord({ path, onTrouble, pause: 3_600_000, maxBytes: 10_000 })
    for (let index = 0; index < 50; index += 1) record.remember(`${index}.txt`, [long(index)])
    const known = Array.from({ length: 50 }, (_, index) => record.readersOf(`${index}.txt`).length)
    expect(known.filter((count) => count > 0).length).to.be.within(2, 4)
    expect(record.readersOf('49.txt')).to.deep.equal([long(49)])
    await record.close()
  })

  it('is bounded by bytes: views that were served last', async () => {
    const lastGood = openLastGood({ path: join(scratch.folder(), 'last.json'), onTrouble, pause: 3_600_000, maxBytes: 10_000 })
    for (let index = 0; index < 50; index += 1) lastGood.note(long(index), 'a'.repeat(40))
    const known = await Promise.all(Array.from({ length: 50 }, (_, index) => lastGood.get(long(index))))
    expect(known.filter((commit) => commit !== undefined).length).to.be.within(2, 4)
    expect(known.at(-1)).to.equal('a'.repeat(40))
    await lastGood.close()
  })

  it('is bounded by bytes: since when labels are what they are', () => {
    let now = 0
    const takeUps = createTakeUps({ now: () => now, maxBytes: 10_000 })
    for (let index = 0; index < 50; index += 1) takeUps.since(long(index), 'a'.repeat(40))
    now = 60_000
    expect(takeUps.since(long(49), 'a'.repeat(40))).to.equal(1_000)
    expect(takeUps.since(long(0), 'a'.repeat(40))).to.equal(60_000)
  })

  it('is bounded by bytes: files that steer others, where each search still finds all of them', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${long(index)}.yml`, 'spring.config.import: other.yml\n']))
    const tree = openMemoryTree({ main: files })
    const steering = createSteeringFiles({ maxBytes: 10_000 })
    const snapshot = (await tree.snapshot('main')) ?? { id: '' }
    for (const _ of [1, 2]) {
      const found = await steering.find({ tree, snapshot, parsed: createParsedFiles(), maxReads: 1_000 })
      expect(found).to.have.length(100)
    }
  })
})
