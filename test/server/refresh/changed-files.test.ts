import { expect } from 'chai'
import { changedFiles } from '../../../server/src/refresh/changed-files.js'
import { openSnapshotTree } from '../../tools/snapshot-tree.js'

describe('changedFiles', () => {
  it('names what came, went and changed, sorted by path, with the ids of both sides', async () => {
    const tree = openSnapshotTree()
    const from = tree.add(new Map(Object.entries({ 'a.yml': '1', 'b/c.yml': '1', 'b/d/e.yml': '1', 'same/f.yml': '1' })))
    const to = tree.add(new Map(Object.entries({ 'a.yml': '2', 'b/c.yml': '1', 'g/h.yml': '2', 'same/f.yml': '1' })))
    const changed = await changedFiles(tree, from, to)
    const sides = changed.map(({ path, before, after }) => [path, before !== undefined, after !== undefined])
    expect(sides).to.deep.equal([
      ['a.yml', true, true],
      ['b/d/e.yml', true, false],
      ['g/h.yml', false, true],
    ])
    expect(changed[0]?.before).to.not.equal(changed[0]?.after)
  })

  it('sees a file become a folder, and back', async () => {
    const tree = openSnapshotTree()
    const [file, folder] = [tree.add(new Map([['a', '1']])), tree.add(new Map([['a/b', '1']]))]
    expect((await changedFiles(tree, file, folder)).map(({ path }) => path)).to.deep.equal(['a', 'a/b'])
    expect((await changedFiles(tree, folder, file)).map(({ path }) => path)).to.deep.equal(['a', 'a/b'])
  })

  it('does not look into folders with equal ids, nor anywhere for one snapshot', async () => {
    const tree = openSnapshotTree()
    const from = tree.add(new Map(Object.entries({ 'a/x.yml': '1', 'b/x.yml': '1' })))
    const to = tree.add(new Map(Object.entries({ 'a/x.yml': '2', 'b/x.yml': '1' })))
    await changedFiles(tree, from, to)
    expect(tree.calls).to.deep.equal(['list ', 'list ', 'list a', 'list a'])
    expect(await changedFiles(tree, to, to)).to.deep.equal([])
  })
})
