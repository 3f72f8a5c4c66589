import { expect } from 'chai'
import { type Health, type HealthComponent, healthReport } from '../../../server/src/http/health.js'

const healthOf = (states: Readonly<Record<string, HealthComponent['status']>>, ready = true): Health => ({
  ready: () => ready,
  components: async () => Object.fromEntries(Object.entries(states).map(([name, status]) => [name, { status, details: { secret: 1 } }])),
})

describe('healthReport', () => {
  for (const [states, ready, path, httpStatus, status] of [
    [{ a: 'UP' }, true, [], 200, 'UP'],
    [{ a: 'UP', b: 'DOWN' }, true, [], 503, 'DOWN'],
    [{ a: 'UP', b: 'UNKNOWN' }, true, [], 200, 'UNKNOWN'],
    [{ a: 'UP' }, false, [], 503, 'OUT_OF_SERVICE'],
    [{ a: 'DOWN' }, true, ['readiness'], 200, 'UP'],
    [{ a: 'UP' }, false, ['readiness'], 503, 'OUT_OF_SERVICE'],
    [{ a: 'DOWN' }, false, ['liveness'], 200, 'UP'],
    [{ a: 'UP', b: 'DOWN' }, true, ['a'], 200, 'UP'],
    [{ a: 'UP', b: 'DOWN' }, true, ['b'], 503, 'DOWN'],
  ] as const) {
    it(`says ${status} at /${path.join('/')} for ${JSON.stringify(states)}, ${ready ? 'ready' : 'not ready'}`, async () => {
      const report = await healthReport(healthOf(states, ready), path, 'all')
      expect([report?.httpStatus, report?.body.status]).to.deep.equal([httpStatus, status])
    })
  }

  it('shows strangers the status alone, and no component', async () => {
    expect(JSON.stringify(await healthReport(healthOf({ a: 'DOWN' }), [], 'status'))).not.to.contain('secret')
    expect(await healthReport(healthOf({ a: 'UP' }), ['a'], 'status')).to.equal(undefined)
  })

  it('knows no other path', async () => {
    for (const path of [['b'], ['a', 'x'], ['__proto__'], ['toString'], ['']])
      expect(await healthReport(healthOf({ a: 'UP' }), path, 'all')).to.equal(undefined)
  })

  it('asks for readiness after the components, which may bring it about', async () => {
    let ready = false
    const health: Health = {
      ready: () => ready,
      components: async () => {
        ready = true
        return {}
      },
    }
    expect((await healthReport(health, [], 'all'))?.httpStatus).to.equal(200)
  })
})
