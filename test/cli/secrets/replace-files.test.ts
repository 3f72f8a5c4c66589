import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { replaceFiles } from '../../../cli/src/secrets/replace-files.js'
import { makeScratch, write } from '../../server/trees/repositories.js'

const scratch = makeScratch()

/** Two files; `read` gives what all of the folder holds. */
function twoFiles() {
  const folder = scratch.folder()
  write(folder, { a: 'one', b: 'two' })
  const replacement = (name: string, was: string) => ({
    path: join(folder, name),
    was: Buffer.from(was),
    becomes: Buffer.from(`new ${was}`),
  })
  const read = (): readonly string[] => readdirSync(folder).map((name) => `${name}=${readFileSync(join(folder, name), 'utf8')}`)
  return { folder, replacement, read }
}

describe('replaceFiles', () => {
  afterEach(() => scratch.clear())

  it('replaces all, with the permissions and owners that they had', async () => {
    const { folder, replacement, read } = twoFiles()
    chmodSync(join(folder, 'a'), 0o640)
    const { mode, uid, gid } = statSync(join(folder, 'a'))
    await replaceFiles([replacement('a', 'one'), replacement('b', 'two')])
    expect(read()).to.deep.equal(['a=new one', 'b=new two'])
    expect(statSync(join(folder, 'a'))).to.include({ mode, uid, gid })
  })

  it('puts the first back where the second was changed by somebody else, and leaves nothing behind', async () => {
    const { replacement, read } = twoFiles()
    const error = await replaceFiles([replacement('a', 'one'), replacement('b', 'as it was')]).catch((thrown: unknown) => thrown)
    expect(error).to.have.property('code', 'refused')
    expect(read()).to.deep.equal(['a=one', 'b=two'])
  })

  it('touches none where one cannot be written', async () => {
    const { folder, replacement } = twoFiles()
    mkdirSync(join(folder, 'c'))
    const gone = { ...replacement('a', 'one'), path: join(folder, 'c', 'gone') }
    const error = await replaceFiles([replacement('a', 'one'), gone]).catch((thrown: unknown) => thrown)
    expect(error).to.have.property('code', 'ENOENT')
    expect(readdirSync(folder)).to.deep.equal(['a', 'b', 'c'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).to.equal('one')
  })
})
