import { expect } from 'chai'
import { paceOf } from '../../../../server/src/trees/git/isomorphic/pace.js'

type Arrival = readonly [second: number, bytes: number, where: 'begins' | 'goes on']

/** Why what comes at these times is ended, and when. */
function endOf(arrivals: readonly Arrival[], span = 5): string | undefined {
  let now = 0
  const pace = paceOf(span, () => now * 1000)
  for (const [second, bytes, where] of arrivals) {
    now = second
    try {
      pace(bytes, where)
    } catch (error) {
      return `${second}: ${(error as Error).message}`
    }
  }
  return undefined
}

/** A packet that begins at a second, and goes on with so many bytes each second. */
const packet = (at: number, bytes: number, seconds: number): readonly Arrival[] =>
  Array.from({ length: seconds }, (_, index) => [at + index, bytes, index === 0 ? 'begins' : 'goes on'] as const)

describe('paceOf', () => {
  for (const [name, arrivals, expected] of [
    ['bears a packet that is slow but moves', packet(0, 250, 60), undefined],
    ['ends a packet that drips', packet(0, 1, 60), '5: the remote sent 6 bytes in 5 s: expected 1000 at least'],
    [
      'ends a packet that moves, and drips then',
      [...packet(0, 5_000, 6), ...packet(0, 1, 60).map(([at]) => [at + 6, 1, 'goes on'] as const)],
      '10: the remote sent 5 bytes in 5 s: expected 1000 at least',
    ],
    ['bears a remote that thinks, and says so', Array.from({ length: 100 }, (_, index) => [index * 5, 5, 'begins'] as const), undefined],
    ['bears silence before a packet', [...packet(0, 2_000, 2), ...packet(900, 2_000, 2)], undefined],
  ] as const) {
    it(name, () => {
      expect(endOf(arrivals)).to.equal(expected)
    })
  }
})
