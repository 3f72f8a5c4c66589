import { join } from 'node:path'
import { expect } from 'chai'
import { isLfsPointer } from '../../server/src/resolution/parse/lfs.js'
import { type Answered, clearServing, serve } from './http/serving.js'
import { eventually, git, makeRepository } from './trees/repositories.js'

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d7a'.repeat(16)}\nsize 12345\n`
const problemOf = ({ text }: Answered) => JSON.parse(text) as Record<string, unknown>

describe('isLfsPointer', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['a pointer', POINTER, true],
    ['one of the first days', POINTER.replace('git-lfs.github', 'hawser.github'), true],
    ['one with extensions', POINTER.replace('oid', `ext-0-foo sha256:${'ab'.repeat(32)}\noid`), true],
    ['one with lines of Windows', POINTER.replaceAll('\n', '\r\n'), true],
    ['a text about pointers', `# ${POINTER}`, false],
    ['a version', 'version: 1\nvalue: 2\n', false],
    ['no id', POINTER.replace('oid', 'uid'), false],
    ['more than a pointer', POINTER + 'x'.repeat(1024), false],
    ['nothing', '', false],
  ]
  for (const [name, text, expected] of rows) it(`${name}: ${expected}`, () => expect(isLfsPointer(Buffer.from(text))).to.equal(expected))
})

for (const engine of ['isomorphic', 'system']) {
  describe(`what a repository names and does not hold, engine ${engine}`, () => {
    afterEach(clearServing)

    it('says once where a submodule is, and serves what is beside it', async () => {
      const server = await serve({ files: { 'shop.yml': 'a: 1\n' }, flags: { 'carillon.git.engine': engine } })
      const other = makeRepository(join(server.repository, '../other'), { 'shop.yml': 'b: 2\n' })
      git(server.repository, 'submodule', 'add', '-q', other, 'teams/shop')
      await server.seen(server.commit({}))
      const told = () => server.log.filter((line) => line.includes('is a submodule'))
      await eventually(told, (lines) => lines.length > 0)
      await server.seen(server.commit({ 'shop.yml': 'a: 2\n' }))
      expect((await server.ask('/shop-dev.yml')).text).to.equal('a: 2\n')
      expect((await server.ask('/shop/dev/main/teams/shop/shop.yml')).status).to.equal(404)
      expect(told()).to.have.length(1)
      expect(told()[0]).to.contain('teams/shop is a submodule: its files are not served').and.contain('"file":"teams/shop"')
    })

    it('takes a pointer of Git LFS for no configuration: what was before it is served, and log and health name the file', async () => {
      const server = await serve({ files: { 'shop.properties': 'a=1\n' }, flags: { 'carillon.git.engine': engine } })
      expect((await server.ask('/shop-dev.properties')).text).to.equal('a: 1')
      await server.seen(server.commit({ 'shop.properties': POINTER, 'logo.png': POINTER }))
      const { text, headers } = await server.ask('/shop-dev.properties')
      expect([text, headers['x-carillon-stale'] !== undefined]).to.deep.equal(['a: 1', true])
      expect((await server.ask('/actuator/health')).text)
        .to.contain('got a pointer of Git LFS')
        .and.contain('"file":"shop.properties"')
      const bytes = { headers: { accept: 'application/octet-stream' } }
      for (const _ of [1, 2]) await server.ask('/other/dev/main/logo.png', bytes)
      const told = server.log.filter((line) => line.includes('is a pointer of Git LFS'))
      expect(told.map((line) => line.split(' ')[0])).to.have.members(['shop.properties', 'logo.png'])
    })

    it('is an error with file and line where there is nothing before it', async () => {
      const server = await serve({ files: { 'shop.yml': POINTER }, flags: { 'carillon.git.engine': engine } })
      const answer = await server.ask('/shop/dev')
      expect([answer.status, problemOf(answer).code, problemOf(answer).file]).to.deep.equal([500, 'unreadable-file', 'shop.yml'])
    })
  })
}
