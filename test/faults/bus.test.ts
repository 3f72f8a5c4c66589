import { expect } from 'chai'
import { brokerScenarios } from '../../faults/scenarios/broker.js'
import { hookScenarios } from '../../faults/scenarios/hooks.js'
import { type Layout, makeFault, openStage, type Stage } from '../../faults/scenarios/scenario.js'
import { serverScenarios } from '../../faults/scenarios/server.js'
import { type FragileBroker, useFragileBroker } from '../tools/brokers.js'

const LAYOUTS: readonly Layout[] = ['one server', 'two servers']
/** Minutes, not seconds: these run by hand, with all others, by `npm run faults -- bus --full`. */
const SLOW = ['broker frozen (SIGSTOP)', 'broker takes no messages', 'webhook lost', 'webhook forged']
const scenarios = [...brokerScenarios, ...serverScenarios, ...hookScenarios].filter(({ name }) => !SLOW.includes(name))

describe('from a commit to instances over rabbitmq, with faults', function () {
  this.timeout(240_000)
  let broker: FragileBroker | undefined
  before(async function () {
    broker = await useFragileBroker(this, 'rabbitmq')
  })
  after(() => broker?.stop())

  for (const layout of LAYOUTS) {
    describe(layout, () => {
      let stage: Stage
      before(async () => {
        stage = await openStage({ kind: 'rabbitmq', broker: broker as FragileBroker, scale: 'few' }, layout)
      })
      after(() => stage?.close())

      for (const scenario of scenarios.filter((each) => each.layout === layout && each.on.includes('rabbitmq'))) {
        it(`${scenario.name}: all end on the newest, none goes back, what is announced can be read`, async () => {
          for (let time = 0; time < scenario.times.few; time++) await makeFault(scenario, stage, time)
          expect(stage.violations()).to.deep.equal([])
        })
      }
    })
  }
})
