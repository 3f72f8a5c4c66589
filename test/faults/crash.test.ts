import { expect } from 'chai'
import { PHASES, type Phase, runCrashes } from '../../faults/git/crash.js'
import { ENGINES } from '../../faults/git/engines.js'

/** Thirty of each are for `npm run faults -- git --full`; the points of the last two are in the faults of the bus as well. */
const DEATHS: Readonly<Record<Phase, number>> = { clone: 2, fetch: 1, repack: 2, 'take-up': 1 }

describe('a server that is killed', function () {
  this.timeout(120_000)

  for (const engine of ENGINES) {
    for (const phase of PHASES) {
      it(`in ${phase} gives right answers from its next start on, ${engine.name}`, async () => {
        expect(await runCrashes({ phase, engine, deaths: DEATHS[phase] })).to.deep.include({ deaths: DEATHS[phase], violations: [] })
      })
    }
  }
})
