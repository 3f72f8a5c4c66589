import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { openLastGood } from '../../../server/src/sources/last-good.js'
import { eventually } from '../trees/repositories.js'

describe('openLastGood', () => {
  let folder: string
  let troubles: string[]
  const path = (): string => join(folder, 'served', 'last-good.json')
  const open = (pause = 60_000) => openLastGood({ path: path(), onTrouble: (message) => troubles.push(message), pause })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-good-'))
    troubles = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('knows after a restart what was served last, a name like __proto__ included', async () => {
    const record = open()
    for (const [view, commit] of [
      ['a', '1'],
      ['__proto__', '2'],
      ['a', '3'],
    ] as const)
      record.note(view, commit)
    await record.close()
    await record.close()
    const again = open()
    expect(await Promise.all(['a', '__proto__', 'toString'].map(again.get))).to.deep.equal(['3', '2', undefined])
    expect(troubles).to.deep.equal([])
  })

  it('writes by itself after a while, and nothing where nothing changed', async () => {
    const record = open(1)
    record.note('a', '1')
    await eventually(
      () => readFile(path(), 'utf8').catch(() => ''),
      (text) => text === '[["a","1"]]',
    )
    await rm(dirname(path()), { recursive: true })
    record.note('a', '1')
    await record.close()
    expect(await readFile(path(), 'utf8').catch(() => 'none')).to.equal('none')
  })

  it('prefers what was served since to what is on disk', async () => {
    await mkdir(dirname(path()), { recursive: true })
    await writeFile(path(), '[["a","old"],["b","old"]]')
    const record = open()
    record.note('a', 'new')
    expect([await record.get('a'), await record.get('b')]).to.deep.equal(['new', 'old'])
  })

  for (const text of ['{', '{"a":"1"}', '[["a"],["b",1],"c",null,["d","1","2"]]']) {
    it(`begins anew, or leaves out what is none, at ${text}`, async () => {
      await mkdir(dirname(path()), { recursive: true })
      await writeFile(path(), text)
      const record = open()
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(record.get))).to.deep.equal([undefined, undefined, undefined, undefined])
      expect(troubles).to.have.length(text.startsWith('[[') ? 0 : 1)
    })
  }
})
