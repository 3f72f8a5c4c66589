import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { openNativeTree } from '../../../../server/src/trees/native/index.js'
import { ask, clearServing, newFolder, start } from '../../http/serving.js'
import { eventually, type Files, makeScratch, text } from '../repositories.js'

const scratch = makeScratch()

/** Replaces the files of a folder as kubelet does: a new folder, `..data` turned round to it in one step, links made and removed after that. */
function mountGeneration(folder: string, number: number, files: Files): void {
  const generation = `..2026_11_23_09_00_00.${number}`
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, generation, path)), { recursive: true })
    writeFileSync(join(folder, generation, path), content)
  }
  symlinkSync(generation, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  const top = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))
  const seen = readdirSync(folder)
  for (const name of top) if (!seen.includes(name)) symlinkSync(`..data/${name}`, join(folder, name))
  for (const name of seen) if (!name.startsWith('..') && !top.has(name)) unlinkSync(join(folder, name))
  for (const name of seen) if (name.startsWith('..2026') && name !== generation) rmSync(join(folder, name), { recursive: true })
}

const PATHS = ['application.yml', 'deep/er/x.txt', 'shop.yml']
/** Every other generation has a file more. */
const filesOf = (number: number): Files => ({
  ...Object.fromEntries(PATHS.map((path) => [path, `${path.replace(/\W/g, '-')}: ${number}\n`])),
  ...(number % 2 === 0 ? { 'shop-dev.yml': `even: ${number}\n` } : {}),
})

/** The generations that an answer is made of, one for each source. */
function numbersIn(body: string): readonly number[] {
  const { propertySources } = JSON.parse(body) as { propertySources: readonly { source: Record<string, number> }[] }
  return propertySources.flatMap(({ source }) => Object.values(source))
}

describe('openNativeTree, a folder that is replaced as a whole', () => {
  afterEach(async () => {
    await scratch.clear()
    await clearServing()
  })

  it('is one generation, with what its links do not show yet and without what they show still', async () => {
    const folder = scratch.folder()
    mountGeneration(folder, 1, { 'old.yml': 'old', 'shop.yml': 'one' })
    mkdirSync(join(folder, '..2026_next'))
    writeFileSync(join(folder, '..2026_next', 'new.yml'), 'new')
    symlinkSync('..2026_next', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    writeFileSync(join(folder, 'beside.yml'), 'beside')
    const tree = scratch.closing(openNativeTree({ folder }))
    const now = (await tree.snapshot('')) ?? { id: '' }
    expect((await tree.list(now, '')).map(({ name, kind }) => `${name} ${kind}`)).to.deep.equal(['beside.yml file', 'new.yml file'])
    expect(await text(tree, '', 'new.yml')).to.equal('new')
  })

  it('is never left through ..data', async () => {
    const outer = scratch.folder()
    const folder = join(outer, 'mount')
    mkdirSync(folder)
    mkdirSync(join(outer, 'secret'))
    writeFileSync(join(outer, 'secret', 's.yml'), 'secret')
    symlinkSync('../secret', join(folder, '..data'))
    symlinkSync('..data/s.yml', join(folder, 's.yml'))
    const tree = scratch.closing(openNativeTree({ folder }))
    const now = (await tree.snapshot('')) ?? { id: '' }
    expect((await tree.list(now, '')).map(({ kind }) => kind)).to.deep.equal(['link'])
    expect(await tree.read(now, 's.yml')).to.equal(undefined)
  })

  it('is noticed by watching', async () => {
    const folder = scratch.folder()
    mountGeneration(folder, 1, filesOf(1))
    const tree = scratch.closing(openNativeTree({ folder }))
    const first = await tree.snapshot('')
    mountGeneration(folder, 2, filesOf(2))
    await eventually(
      () => tree.current(''),
      (id) => id !== undefined && id !== first?.id,
      3000,
    )
    expect(await text(tree, '', 'shop-dev.yml')).to.equal('even: 2\n')
  })

  it('never mixes two of them in one answer, while one replaces the other without a pause', async () => {
    const folder = newFolder()
    const mount = join(folder, 'mounts/shop')
    mkdirSync(mount, { recursive: true })
    mountGeneration(mount, 0, filesOf(0))
    const yml = `spring.cloud.config.server.native.search-locations: file://${mount}`
    const server = await start(yml, folder, { 'spring.profiles.active': 'native' })
    const port = Number(new URL(server.url).port)
    const seen = new Set<number>()
    const mixed: string[] = []
    const statuses: number[] = []
    let isDone = false
    const look = async () => {
      const { status, text: body } = await ask(port, '/shop/dev')
      statuses.push(status)
      if (status !== 200) return
      const numbers = numbersIn(body)
      const [number = -1] = numbers
      seen.add(number)
      if (new Set(numbers).size !== 1 || numbers.length !== (number % 2 === 0 ? 3 : 2)) mixed.push(body)
    }
    const reader = async () => {
      while (!isDone) await look()
    }
    try {
      const readers = [reader(), reader(), reader()]
      for (let number = 1; number <= 60; number += 1) {
        mountGeneration(mount, number, filesOf(number))
        // Most are replaced before anybody could look, or while somebody does.
        for (let pause = 0; pause < number % 20; pause += 1) await turn()
        if (number % 6 === 0) await eventually(() => seen.has(number), Boolean)
      }
      isDone = true
      await Promise.all(readers)
    } finally {
      isDone = true
      await server.close()
    }
    console.log(
      `      ${statuses.length} answers, ${seen.size} generations seen, ${statuses.filter((status) => status !== 200).length} refused`,
    )
    expect(mixed).to.deep.equal([])
    expect(seen.size).to.be.at.least(10)
    expect(new Set(statuses)).to.satisfy((all: Set<number>) => [...all].every((status) => status === 200 || status === 503))
  })
})
