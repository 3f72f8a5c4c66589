import { expect } from 'chai'
import { remember } from '../../bus/src/recent.js'

describe('remember', () => {
  it('knows what it was told, and forgets the first where it is full', () => {
    const recent = remember<number>(2)
    expect(['a', 'a', 'b', 'c', 'b', 'a'].map((key, n) => recent.add(key, n))).to.deep.equal([true, false, true, true, false, true])
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).to.deep.equal([5, undefined, 3])
  })
})
