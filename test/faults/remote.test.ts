import { expect } from 'chai'
import { ENGINES } from '../../faults/git/engines.js'
import { openFragileRemote, REMOTE_FAULTS, type RemoteOutcome, runRemoteFault } from '../../faults/git/remote.js'
import { inLanes } from '../../faults/tools/lanes.js'

const READS = 12

for (const engine of ENGINES) {
  describe(`a remote in trouble, ${engine.name}`, function () {
    this.timeout(120_000)
    // It is mostly waiting: several at a time.
    let outcomes: ReadonlyMap<string, Promise<RemoteOutcome>>
    before(() => {
      outcomes = inLanes({
        things: REMOTE_FAULTS,
        lanes: 4,
        open: () => openFragileRemote(engine),
        work: (place, fault) => runRemoteFault(place, { fault, times: 1, reads: READS }),
      })
    })

    for (const { name } of REMOTE_FAULTS) {
      it(`that ${name} holds up no read, and its new commit is served within an interval after it is well`, async () => {
        const outcome = await outcomes.get(name)
        expect(outcome?.violations).to.deep.equal([])
        expect(outcome?.inFlight).to.equal(READS)
      })
    }
  })
}
