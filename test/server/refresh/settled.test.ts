import { expect } from 'chai'
import { watchSettled } from '../../../server/src/refresh/settled.js'
import { eventually } from '../trees/repositories.js'

/** A folder whose states come one a look; the last one stays. An error is a look that fails. */
function folderOf(states: readonly (string | Error)[]) {
  let looks = 0
  const now = (): string | Error => states[Math.min(looks, states.length) - 1] ?? ''
  return {
    looks: () => looks,
    tree: {
      fetch: async () => {
        looks += 1
      },
      snapshot: async () => {
        const state = now()
        if (typeof state !== 'string') throw state
        return { id: state }
      },
    },
  }
}

describe('watchSettled', () => {
  for (const [states, expected] of [
    [['a'], ['a']],
    [['a', 'b', 'c', 'd'], ['d']],
    [
      ['a', 'a', 'b', 'c', 'c', 'c', 'a'],
      ['a', 'c', 'a'],
    ],
    [
      ['a', 'a', new Error('gone'), 'a', 'b'],
      ['a', 'b'],
    ],
  ] as const) {
    it(`takes ${states.join(' ')} for ${expected.join(' ')}`, async () => {
      const settled: (string | undefined)[] = []
      const { tree, looks } = folderOf(states)
      const folder = watchSettled({ tree, interval: 1, onSettled: () => settled.push(folder.current()) })
      expect([folder.current(), await folder.snapshot()]).to.deep.equal([undefined, undefined])
      await eventually(looks, (count) => count > states.length + 2)
      folder.close()
      expect(settled).to.deep.equal(expected)
      expect(await folder.snapshot()).to.deep.equal({ id: expected.at(-1) })
    })
  }
})
