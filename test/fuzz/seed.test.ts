import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { createSeed, type Seed } from './seed.js'
import { variants } from './variants.js'

const fingerprint = ({ files, feature, second, requests }: Seed): string => {
  const hash = createHash('sha256').update(JSON.stringify(requests))
  for (const [path, bytes] of [...files, ...feature, ...second]) hash.update(path).update(bytes)
  return hash.digest('hex')
}

describe('createSeed', () => {
  it('gives the same content and requests for the same number', () => {
    for (let number = 1; number <= 20; number++) expect(fingerprint(createSeed(number))).to.equal(fingerprint(createSeed(number)))
  })

  it('gives other content for another number', () => {
    const seen = new Set(Array.from({ length: 50 }, (_, index) => fingerprint(createSeed(index))))
    expect(seen.size).to.equal(50)
  })

  it('deals the seeds out to all variants', () => {
    expect(new Set(variants.map((_, index) => createSeed(index).variant.name)).size).to.equal(variants.length)
  })

  it('uses every format, habit and kind of request within a hundred seeds', () => {
    const seeds = Array.from({ length: 100 }, (_, index) => createSeed(index))
    const endings = new Set(seeds.flatMap(({ files }) => [...files.keys()].map((path) => path.slice(path.lastIndexOf('.')))))
    expect([...endings]).to.include.members(['.yml', '.yaml', '.properties', '.xml', '.conf', '.bin'])
    expect(new Set(seeds.flatMap(({ words }) => [...words.flavours])).size).to.equal(13)
    const paths = seeds.flatMap(({ requests }) => requests.map(({ path }) => path))
    for (const part of [
      '(_)',
      '.json',
      '.yml',
      '.yaml',
      '.properties',
      'resolvePlaceholders=false',
      'useDefaultLabel',
      '{sha}',
      '{short}',
      ',',
    ])
      expect(paths.some((path) => path.includes(part))).to.equal(true)
  })
})
