import { join } from 'node:path'
import { expect } from 'chai'
import { createRepositories, type OpenFolder, type OpenRepository } from '../../server/src/repositories.js'
import { loadSettings } from '../../server/src/settings/load.js'
import type { RepositorySettings } from '../../server/src/settings/settings.js'
import { eventually, makeRepository, makeScratch } from './trees/repositories.js'

const scratch = makeScratch()
/** Not for the whole run: a hook outside of suites would be every suite's. */
const clear = () => scratch.clear()

function stage() {
  const folder = scratch.folder()
  const repository = makeRepository(join(folder, 'repo'), { 'shop.yml': 'a: 1\n' })
  const { settings } = loadSettings({
    file: { path: 'settings.yml', bytes: Buffer.from(`spring.cloud.config.server.git.uri: file://${repository}`) },
    env: { CARILLON_DATA_FOLDER: join(folder, 'data') },
    flags: new Map(),
    probe: () => 'absent',
  })
  const [backend] = settings.backends
  if (backend?.type !== 'git') throw new Error('expected a repository')
  const opened: OpenRepository[] = []
  const folders: OpenFolder[] = []
  const closing: string[] = []
  const moved: string[] = []
  const nothing = (): void => undefined
  const repositories = createRepositories({
    settings,
    log: { info: nothing, warn: nothing, error: nothing },
    onOpened: (one) => opened.push(one),
    onFolder: (one) => folders.push(one),
    onClosing: (name) => closing.push(name),
    onMoved: (name, label) => moved.push(`${name} ${label}`),
    onLooked: nothing,
  })
  const open = (more: Partial<RepositorySettings> = {}, uri = `file://${repository}`) =>
    scratch.closing(repositories.openers.git({ ...backend, ...more }, uri))
  return { folder, repositories, opened, folders, closing, moved, open }
}

describe('createRepositories', () => {
  afterEach(clear)

  it('opens a repository once for all who name it, and tells each time', () => {
    const { open, opened, repositories } = stage()
    open()
    open({ searchPaths: ['a'] })
    expect([opened.length, opened[0]?.tree === opened[1]?.tree, repositories.all().length]).to.deep.equal([2, true, 1])
  })

  const differences: readonly Partial<RepositorySettings>[] = [{ username: 'u' }, { defaultLabel: 'other' }, { refreshRate: 7 }]
  for (const different of differences) {
    it(`keeps repositories apart that differ in ${JSON.stringify(different)}: names, so that no two share a folder`, () => {
      const { open, repositories } = stage()
      open()
      open(different)
      expect(new Set(repositories.all().map(({ name }) => name)).size).to.equal(2)
    })
  }

  it('gives names that are the same after a restart and safe as names of files', () => {
    const names = [0, 1].map(() => {
      const { open, opened } = stage()
      open({}, 'https://u:p@127.0.0.1:1/a/../b c%2F.git')
      return opened[0]
    })
    expect(names[0]?.name).to.equal(names[1]?.name)
    expect(names[0]?.name).to.match(/^[\w.-]+$/)
    expect(names[0]?.uri).to.not.include('p@')
  })

  it('closes a repository with the last who uses it, says so before, and opens it anew', async () => {
    const { open, opened, closing, repositories } = stage()
    const [one, two] = [open(), open()]
    await one.close()
    await one.close()
    expect([closing.length, repositories.all().length]).to.deep.equal([0, 1])
    await two.close()
    expect([closing, repositories.all()]).to.deep.equal([[opened[0]?.name], []])
    const again = open()
    expect((await again.snapshot('main'))?.id).to.match(/^[0-9a-f]{40}$/)
    expect(opened[2]?.tree).to.not.equal(opened[0]?.tree)
  })

  it('says which label of which repository moved', async () => {
    const { open, opened, moved } = stage()
    open()
    await eventually(
      () => moved.length,
      (count) => count > 0,
    )
    expect(moved).to.deep.equal([`${opened[0]?.name} main`])
  })

  it('tells of native folders, and that they close, once', async () => {
    const { folder, repositories, folders, closing } = stage()
    const tree = repositories.openers.native(folder)
    expect(folders.map(({ uri }) => uri)).to.deep.equal([`file:${folder}`])
    await tree.close()
    await tree.close()
    expect(closing).to.deep.equal(folders.map(({ name }) => name))
  })
})
