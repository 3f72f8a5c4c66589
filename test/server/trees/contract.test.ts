import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGitTree } from '../../../server/src/trees/git/index.js'
import { openNativeTree } from '../../../server/src/trees/native/index.js'
import { startGitHttp } from '../../tools/git-http.js'
import { CONTENT, type Fixture, itIsATree } from './contract.js'
import { commit, git, gitOptions, makeRepository, makeScratch, whenReady, write } from './repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

function makeWork(): { readonly outside: string; readonly work: string } {
  const outside = scratch.folder()
  writeFileSync(join(outside, 'secret'), 'secret')
  const work = join(outside, 'work')
  makeRepository(work, CONTENT)
  symlinkSync('../secret', join(work, 'out'))
  commit(work, {})
  return { outside, work }
}

function edit(work: string, files: Parameters<Fixture['change']>[0]): void {
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) unlinkSync(join(work, path))
    else write(work, { [path]: content })
  }
}

for (const engine of ['isomorphic', 'system'] as const) {
  describe(`openGitTree, local, engine ${engine}`, () => {
    itIsATree(
      async () => {
        const { work } = makeWork()
        const change: Fixture['change'] = async (files) => {
          edit(work, files)
          commit(work, {})
        }
        return { tree: scratch.closing(openGitTree(gitOptions(work, '', { engine }))), change }
      },
      { past: 'kept', author: 'a' },
    )
  })

  describe(`openGitTree, bare, engine ${engine}`, () => {
    itIsATree(
      async () => {
        const { work, outside } = makeWork()
        git(outside, 'clone', '-q', '--bare', 'work', 'bare.git')
        git(join(outside, 'bare.git'), 'gc', '-q')
        const change: Fixture['change'] = async (files) => {
          edit(work, files)
          commit(work, {})
          git(work, 'push', '-q', '../bare.git', 'main')
        }
        return { tree: scratch.closing(openGitTree(gitOptions(`file://${outside}/bare.git`, '', { engine }))), change }
      },
      { past: 'kept', author: 'a' },
    )
  })

  describe(`openGitTree, cloned, engine ${engine}`, () => {
    itIsATree(
      async () => {
        const { work, outside } = makeWork()
        const server = scratch.closing(await startGitHttp({ root: outside }))
        const tree = scratch.closing(openGitTree(gitOptions(`${server.url}/work/.git`, join(outside, 'data/clone'), { engine })))
        await whenReady(tree)
        const change: Fixture['change'] = async (files) => {
          edit(work, files)
          commit(work, {})
          await tree.fetch(AbortSignal.timeout(5000))
        }
        return { tree, change }
      },
      { past: 'kept', author: 'a' },
    )
  })
}

describe('openNativeTree, contract', () => {
  itIsATree(
    async () => {
      const { work } = makeWork()
      return { tree: scratch.closing(openNativeTree({ folder: work })), change: async (files) => edit(work, files) }
    },
    { past: 'gone' },
  )
})
