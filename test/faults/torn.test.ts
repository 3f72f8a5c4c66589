import { expect } from 'chai'
import { openWrapped } from '../../faults/git/broken.js'
import { ENGINES } from '../../faults/git/engines.js'
import { LAYOUTS, openPlace, type Place } from '../../faults/git/places.js'
import { type Enough, type Torn, watchForTears } from '../../faults/git/torn.js'

/** Twenty thousand answers and three hundred commits are for `npm run faults -- git --full`. */
const FEW: Enough = { answers: 400, commits: 6 }
const FEWER: Enough = { answers: 200, commits: 4 }

describe('reads beside a writer, #2681, #2737', function () {
  this.timeout(60_000)

  const watch = async (place: Place, enough: Enough): Promise<Torn> => {
    try {
      return await watchForTears({ ...place, enough })
    } finally {
      await place.close()
    }
  }

  for (const engine of ENGINES) {
    for (const layout of LAYOUTS) {
      it(`never mix two commits: ${layout}, ${engine.name}`, async () => {
        const torn = await watch(await openPlace(layout, engine), FEW)
        console.log(`      ${torn.answers} answers, ${torn.commits} commits, ${torn.mixed.length} mixed`)
        expect([...torn.mixed, ...torn.wrong].slice(0, 3)).to.deep.equal([])
        expect(torn.answers).to.be.at.least(FEW.answers)
        expect(torn.commits).to.be.at.least(FEW.commits)
      })
    }
  }

  it('are found to mix where a tree looks the label up for each file', async () => {
    const torn = await watch(await openWrapped('at the label'), FEWER)
    console.log(`      ${torn.answers} answers, ${torn.commits} commits, ${torn.mixed.length} mixed`)
    expect(torn.mixed).to.not.deep.equal([])
  })

  it('are not found to mix where a tree as slow stays at its snapshot', async () => {
    const torn = await watch(await openWrapped('at the snapshot'), FEWER)
    expect([...torn.mixed, ...torn.wrong].slice(0, 3)).to.deep.equal([])
  })
})
