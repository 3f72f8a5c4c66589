import { expect } from 'chai'
import { createRandom } from './random.js'

describe('createRandom', () => {
  it('makes the same choices from the same text, on every machine', () => {
    const random = createRandom('carillon 1')
    expect(Array.from({ length: 8 }, () => random.below(100))).to.deep.equal([0, 59, 50, 37, 2, 95, 76, 10])
  })

  it('keeps a fork apart from what its parent was asked', () => {
    const [quiet, busy] = [createRandom('x'), createRandom('x')]
    busy.below(10)
    expect(busy.fork('a').below(1e6)).to.equal(quiet.fork('a').below(1e6))
  })

  it('keeps the items of `some` in order and different', () => {
    const random = createRandom('some')
    for (let i = 0; i < 50; i++) {
      const chosen = random.some([1, 2, 3, 4, 5], 3)
      expect(chosen).to.have.length(3)
      expect(chosen).to.deep.equal([...new Set(chosen)].sort())
    }
  })

  it('reaches every item', () => {
    const random = createRandom('reach')
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).to.equal(3)
  })
})
