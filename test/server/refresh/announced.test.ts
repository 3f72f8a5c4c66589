import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openAnnouncedRecord } from '../../../server/src/refresh/announced.js'

describe('openAnnouncedRecord', () => {
  let folder: string
  let troubles: string[]
  const open = (name = 'repository.json') =>
    openAnnouncedRecord(join(folder, 'announced', name), {
      onTrouble: (message) => troubles.push(message),
      isInUse: (label) => label === 'kept',
    })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-announced-'))
    troubles = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('finds after a restart what was announced before', async () => {
    const record = await open()
    await Promise.all([record.set('main', 'a'), record.set('release/1', 'b'), record.set('main', 'c')])
    const again = await open()
    expect([...again.labels()].toSorted()).to.deep.equal(['main', 'release/1'])
    expect([again.get('main'), again.get('release/1'), again.get('other')]).to.deep.equal(['c', 'b', undefined])
    expect(await readdir(join(folder, 'announced'))).to.deep.equal(['repository.json'])
  })

  it('keeps labels that are names of objects inert', async () => {
    const record = await open()
    await record.set('__proto__', 'a')
    expect((await open()).get('__proto__')).to.equal('a')
    expect((await open()).get('constructor')).to.equal(undefined)
  })

  it('begins anew where the file is damaged, and says so', async () => {
    const record = await open()
    await record.set('main', 'a')
    await writeFile(
      join(folder, 'announced', 'repository.json'),
      (await readFile(join(folder, 'announced', 'repository.json'))).subarray(0, 5),
    )
    const again = await open()
    expect(again.labels()).to.deep.equal([])
    expect(troubles).to.have.length(1)
    await again.set('main', 'b')
    expect((await open()).get('main')).to.equal('b')
  })

  it('says nothing of a file that is not there yet', async () => {
    await open()
    expect(troubles).to.deep.equal([])
  })

  it('forgets the label that was announced longest ago beyond two thousand, but none that is in use', async () => {
    const record = await open()
    for (const label of ['kept', ...Array.from({ length: 2_000 }, (_, index) => `label-${index}`)]) void record.set(label, 'a')
    await record.set('label-1', 'b')
    expect(['kept', 'label-0', 'label-1'].map(record.get)).to.deep.equal(['a', undefined, 'b'])
    expect(record.labels().length).to.equal(2_000)
  })

  it('keeps what a label was since, until those are told who may run it', async () => {
    const record = await open()
    await record.set('main', 'a')
    for (const commit of ['b', 'c', 'b']) record.note('main', commit)
    await record.save()
    const again = await open()
    expect([again.get('main'), again.since('main')]).to.deep.equal(['a', ['b', 'c']])
    again.note('main', 'd')
    await again.set('main', 'c', ['a', 'b'])
    expect([again.get('main'), again.since('main')]).to.deep.equal(['c', ['d']])
  })
})
