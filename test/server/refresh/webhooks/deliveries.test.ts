import { expect } from 'chai'
import { createDeliveries, type DeliveriesOptions } from '../../../../server/src/refresh/webhooks/deliveries.js'

describe('createDeliveries', () => {
  const opened: (() => void)[] = []
  const open = (options?: DeliveriesOptions): ReturnType<typeof createDeliveries> => {
    const deliveries = createDeliveries(options)
    opened.push(deliveries.close)
    return deliveries
  }
  afterEach(() => {
    for (const close of opened.splice(0)) close()
  })

  it('knows an id for a day', () => {
    const clock = { now: 0 }
    const deliveries = open({ now: () => clock.now })
    const asked = [0, 1, 86_399_999, 86_400_000, 86_400_001].map((now) => {
      clock.now = now
      return deliveries.isNew('github', 'a')
    })
    expect(asked).to.deep.equal([true, false, false, true, false])
  })

  it('keeps providers apart', () => {
    const deliveries = open()
    expect([deliveries.isNew('github', 'a'), deliveries.isNew('gitlab', 'a'), deliveries.isNew('github', 'a')]).to.deep.equal([
      true,
      true,
      false,
    ])
  })

  for (const id of ['__proto__', 'constructor', 'toString', '']) {
    it(`treats ${JSON.stringify(id)} as any other id`, () => {
      const deliveries = open()
      expect([deliveries.isNew('github', id), deliveries.isNew('github', id)]).to.deep.equal([true, false])
    })
  }

  it('takes everything for new where there is no room left', () => {
    const deliveries = open({ maxIds: 2 })
    expect(['a', 'b', 'c', 'c', 'a'].map((id) => deliveries.isNew('github', id))).to.deep.equal([true, true, true, true, false])
  })

  it('renews an old id where there is no room left', () => {
    const clock = { now: 0 }
    const deliveries = open({ maxIds: 1, now: () => clock.now })
    deliveries.isNew('github', 'a')
    clock.now = 86_400_000
    expect([deliveries.isNew('github', 'a'), deliveries.isNew('github', 'a')]).to.deep.equal([true, false])
  })

  it('does not remember an id that is longer than any host sends', () => {
    const deliveries = open()
    expect([1, 2].map(() => deliveries.isNew('github', 'x'.repeat(201)))).to.deep.equal([true, true])
  })
})
