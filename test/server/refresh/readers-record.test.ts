import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createReadersRecord } from '../../../server/src/refresh/readers-record.js'

describe('createReadersRecord', () => {
  let folder: string
  let troubles: string[]
  const open = (pause = 60_000) =>
    createReadersRecord({ path: join(folder, 'announced', 'readers.json'), onTrouble: (message) => troubles.push(message), pause })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-readers-'))
    troubles = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('says who was served a path, each application once', () => {
    const record = open()
    record.remember('nginx.conf', ['shop', 'orders'])
    record.remember('nginx.conf', ['shop'])
    expect(record.readersOf('nginx.conf')).to.deep.equal(['shop', 'orders'])
    expect([record.readersOf('other'), record.readersOf('__proto__')]).to.deep.equal([[], []])
  })

  it('takes more than 200 readers for everybody', () => {
    const record = open()
    for (let index = 0; index < 300; index++) record.remember('a', [`app-${index}`])
    record.remember(
      'b',
      Array.from({ length: 300 }, (_, index) => `app-${index}`),
    )
    expect([record.readersOf('a'), record.readersOf('b')]).to.deep.equal([['*'], ['*']])
  })

  it('knows after a restart what it knew before', async () => {
    const record = open()
    record.remember('a', ['shop'])
    record.remember('b', ['orders', 'shop'])
    await record.close()
    const again = open()
    await again.loaded
    expect([again.readersOf('a'), again.readersOf('b')]).to.deep.equal([['shop'], ['orders', 'shop']])
    expect(await readdir(join(folder, 'announced'))).to.deep.equal(['readers.json'])
  })

  it('adds to what is on disk what was read before the disk had answered', async () => {
    const record = open()
    record.remember('a', ['shop'])
    await record.close()
    const again = open()
    again.remember('a', ['orders'])
    await again.close()
    expect([...again.readersOf('a')].toSorted()).to.deep.equal(['orders', 'shop'])
    expect(JSON.parse(await readFile(join(folder, 'announced', 'readers.json'), 'utf8'))).to.have.length(1)
  })

  it('writes without being closed, after a pause', async () => {
    const record = open(1)
    record.remember('a', ['shop'])
    const path = join(folder, 'announced', 'readers.json')
    while (!(await readFile(path, 'utf8').catch(() => '')).includes('shop')) await new Promise((resolve) => setTimeout(resolve, 2))
  })

  it('writes nothing where nothing is new', async () => {
    const record = open()
    await record.close()
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('begins anew where the file is damaged, and says so', async () => {
    const record = open()
    record.remember('a', ['shop'])
    await record.close()
    await writeFile(join(folder, 'announced', 'readers.json'), '[["a"')
    const again = open()
    await again.loaded
    expect([again.readersOf('a').length, troubles.length]).to.deep.equal([0, 1])
  })

  it('forgets the paths that were read longest ago where there are too many', async () => {
    const record = open()
    for (let index = 0; index < 50_001; index++) record.remember(`path-${index}`, ['shop'])
    expect([record.readersOf('path-0'), record.readersOf('path-50000')]).to.deep.equal([[], ['shop']])
  })
})
