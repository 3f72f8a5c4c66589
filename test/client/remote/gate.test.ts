import { expect } from 'chai'
import { openGate } from '../../../client/src/remote/gate.js'

const never = new AbortController().signal
/** Lets everything happen that can happen now. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('openGate', () => {
  /** Enters under a name; `leave` lets it go on. */
  function visitors(places: number) {
    const gate = openGate(places)
    const inside: string[] = []
    const leaving = new Map<string, () => void>()
    const enter = (name: string, signal = never): Promise<void> =>
      gate.pass(signal, async () => {
        inside.push(name)
        await new Promise<void>((resolve) => leaving.set(name, resolve))
      })
    return { inside, enter, leave: (name: string) => leaving.get(name)?.() }
  }

  it('lets so many in and the others in the order in which they came, before whoever comes later', async () => {
    const { inside, enter, leave } = visitors(2)
    const all = ['a', 'b', 'c', 'd'].map((name) => enter(name))
    await turn()
    expect(inside).to.deep.equal(['a', 'b'])
    leave('a')
    all.push(enter('e'))
    await turn()
    expect(inside).to.deep.equal(['a', 'b', 'c'])
    for (const name of ['b', 'c', 'd', 'e']) {
      leave(name)
      await turn()
    }
    expect(inside).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
    await Promise.all(all)
  })

  it('lets whoever gives up go at once, without a place', async () => {
    const { inside, enter, leave } = visitors(1)
    const first = enter('a')
    const impatient = new AbortController()
    const given = enter('b', impatient.signal).catch((error: Error) => error.message)
    const patient = enter('c')
    impatient.abort(new Error('enough'))
    expect(await given).to.equal('enough')
    expect(await enter('d', impatient.signal).catch((error: Error) => error.message)).to.equal('enough')
    leave('a')
    await first
    await turn()
    expect(inside).to.deep.equal(['a', 'c'])
    leave('c')
    await patient
  })

  it('frees the place of what fails', async () => {
    const gate = openGate(1)
    const failing = gate.pass(never, () => Promise.reject(new Error('no')))
    expect(await failing.catch((error: Error) => error.message)).to.equal('no')
    expect(await gate.pass(never, async () => 'next')).to.equal('next')
  })
})
