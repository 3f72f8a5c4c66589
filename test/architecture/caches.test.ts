import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../../server/src')

/** Caches whose entries have one size, so that a number of them is a number of bytes, and the repositories that are open, which are no cache. */
const BY_NUMBER: readonly string[] = [
  'sources/backends.ts',
  'sources/bad-files.ts',
  'trees/git/content.ts',
  'trees/git/kept.ts',
  'trees/git/labels.ts',
  'trees/git/objects.ts',
]

describe('the caches of the server', () => {
  const made = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const parts = readFileSync(join(root, name), 'utf8').split('new LRUCache<').slice(1)
      return parts.map((part) => ({ name, bound: part.slice(0, 300).includes('maxSize') ? 'bytes' : 'number' }))
    })

  it('are bounded by bytes, but for those of entries of one size', () => {
    expect(made.filter(({ bound }) => bound === 'bytes')).to.have.length.above(8)
    const byNumber = made.filter(({ bound }) => bound === 'number').map(({ name }) => name)
    expect([...new Set(byNumber)].sort()).to.deep.equal(BY_NUMBER)
  })
})
