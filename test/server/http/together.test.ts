import { expect } from 'chai'
import type { Dispatched } from '../../../server/src/http/dispatch.js'
import { createTogether } from '../../../server/src/http/together.js'

/** Answers that are made when the test says so, numbered in the order in which making them began. */
function maker() {
  const begun: ((isCurrent: boolean | 'error') => void)[] = []
  const make = () =>
    new Promise<Dispatched>((resolve) => {
      const headers = { number: String(begun.length + 1) }
      begun.push((state) => {
        const pins = state === 'error' ? {} : { pins: [{ snapshot: { id: 'a' }, isCurrent: () => state }] }
        resolve({ answer: { status: state === 'error' ? 404 : 200, headers, body: Buffer.alloc(0), ...pins }, route: 'environment' })
      })
    })
  return { begun, make }
}

const numberOf = ({ answer }: Dispatched) => Number(answer.headers.number)
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('createTogether', () => {
  it('has one answer made for all who ask the same at the same time', async () => {
    const { begun, make } = maker()
    const together = createTogether()
    const asked = ['a', 'a', 'b', 'a'].map((question) => together(question, make))
    expect(begun.length).to.equal(2)
    for (const finish of begun) finish(true)
    expect((await Promise.all(asked)).map(numberOf)).to.deep.equal([1, 1, 2, 1])
  })

  it('has another one made for who comes later, or asks what is not to be shared', async () => {
    const { begun, make } = maker()
    const together = createTogether()
    const first = together('a', make)
    begun[0]?.(true)
    await first
    await turn()
    const others = ['a', undefined, undefined].map((question) => together(question, make))
    expect(begun.length).to.equal(4)
    for (const finish of begun) finish(true)
    expect((await Promise.all(others)).map(numberOf)).to.deep.equal([2, 3, 4])
  })

  for (const [state, what] of [
    [false, 'that no longer holds'],
    ['error', 'that is an error'],
  ] as const) {
    it(`gives an answer ${what} to who asked first alone`, async () => {
      const { begun, make } = maker()
      const together = createTogether()
      const asked = ['a', 'a', 'a'].map((question) => together(question, make))
      begun[0]?.(state)
      await turn()
      expect(begun.length).to.equal(3)
      for (const finish of begun) finish(true)
      expect((await Promise.all(asked)).map(numberOf)).to.deep.equal([1, 2, 3])
    })
  }

  it('lets nobody wait long for another', async () => {
    const { begun, make } = maker()
    const together = createTogether(1)
    const first = together('a', make)
    const second = together('a', make)
    while (begun.length < 2) await turn()
    begun[1]?.(true)
    expect(numberOf(await second)).to.equal(2)
    begun[0]?.(true)
    expect(numberOf(await first)).to.equal(1)
  })

  it('gives a failure to who asked first alone', async () => {
    const { begun, make } = maker()
    const together = createTogether()
    const failing = together('a', () => Promise.reject(new Error('broken')))
    const second = together('a', make)
    const message = await failing.catch((error: Error) => error.message)
    await turn()
    begun[0]?.(true)
    expect([message, numberOf(await second)]).to.deep.equal(['broken', 1])
  })
})
