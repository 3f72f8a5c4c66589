import { expect } from 'chai'
import { tellOnce } from '../../bus/src/trouble.js'

describe('tellOnce', () => {
  it('tells each reason once, until it is told to forget', () => {
    const told: string[] = []
    const trouble = tellOnce(({ message }) => told.push(message))
    for (const reason of ['a', 'b', 'a', 'a']) trouble.tell(new Error(reason))
    trouble.forget()
    trouble.tell(new Error('a'))
    expect(told).to.deep.equal(['a', 'b', 'a'])
  })

  it('survives a listener that throws', () => {
    const trouble = tellOnce(() => {
      throw new Error('again')
    })
    expect(() => trouble.tell(new Error('a'))).to.not.throw()
  })
})
