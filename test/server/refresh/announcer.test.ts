import { expect } from 'chai'
import type { AnnouncedRecord } from '../../../server/src/refresh/announced.js'
import { type Announcement, type AnnouncerOptions, createAnnouncer } from '../../../server/src/refresh/announcer.js'

/** A repository of one label whose commits are numbers, a bus that can be away, and what came of it all. */
function stage(options: Partial<AnnouncerOptions> = {}) {
  const state = { commit: '1' as string | undefined, away: false }
  const announced = new Map<string, string>()
  const published: Announcement[] = []
  const order: string[] = []
  const troubles: string[] = []
  const record: AnnouncedRecord = {
    get: (label) => announced.get(label),
    labels: () => [...announced.keys()],
    set: async (label, commit) => {
      announced.set(label, commit)
      order.push(`record ${commit}`)
    },
  }
  const announcer = createAnnouncer({
    tree: { current: () => state.commit, snapshot: async () => (state.commit === undefined ? undefined : { id: state.commit }) },
    record,
    concernsOf: async ({ from, to }) => [{ application: `${from.id}-${to.id}`, profiles: '*' }],
    publish: async (announcement) => {
      if (state.away) throw new Error('the bus is away')
      published.push(announcement)
      order.push(`publish ${announcement.commit}`)
    },
    onAnnounced: () => undefined,
    onTrouble: (message) => troubles.push(message),
    ...options,
  })
  return { state, announced, published, order, troubles, announcer }
}

const settled = async (): Promise<void> => {
  // Workers only run through promises here, so a few turns of the loop end them.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('createAnnouncer', () => {
  it('tells nobody of a label that is seen for the first time, and remembers it', async () => {
    const { announcer, announced, published } = stage()
    announcer.look('main')
    await announcer.close()
    expect(published).to.deep.equal([])
    expect(announced.get('main')).to.equal('1')
  })

  it('publishes before it records, so that a crash between the two repeats and never loses', async () => {
    const { announcer, announced, order, state } = stage()
    announced.set('main', '0')
    state.commit = '1'
    announcer.look('main')
    await announcer.close()
    expect(order).to.deep.equal(['publish 1', 'record 1'])
  })

  it('announces once for each state that was reached, however many hints come', async () => {
    const { announcer, announced, published } = stage()
    announced.set('main', '0')
    for (let hint = 0; hint < 10; hint++) announcer.look('main')
    await settled()
    await announcer.close()
    expect(published.map(({ application, commit }) => [application, commit])).to.deep.equal([['0-1', '1']])
  })

  it('tells a bus that was away the newest state and not each in between', async () => {
    const { announcer, announced, published, troubles, state } = stage()
    announced.set('main', '0')
    state.away = true
    announcer.look('main')
    await settled()
    state.commit = '2'
    announcer.look('main')
    await settled()
    state.commit = '3'
    state.away = false
    announcer.lookAtAll()
    await announcer.close()
    expect(published.map(({ application, label, commit }) => [application, label, commit])).to.deep.equal([['0-3', 'main', '3']])
    expect(troubles).to.have.length(2)
  })

  it('keeps the record of a label that is gone, and announces when it comes back changed', async () => {
    const { announcer, announced, published, state } = stage()
    announced.set('main', '1')
    state.commit = undefined
    announcer.look('main')
    await settled()
    expect([published.length, announced.get('main')]).to.deep.equal([0, '1'])
    state.commit = '2'
    announcer.look('main')
    await announcer.close()
    expect(published.map(({ commit }) => commit)).to.deep.equal(['2'])
  })

  it('records a change that concerns nobody', async () => {
    const { announcer, announced, published } = stage({ concernsOf: async () => [] })
    announced.set('main', '0')
    announcer.look('main')
    await announcer.close()
    expect([published.length, announced.get('main')]).to.deep.equal([0, '1'])
  })

  it('takes no hints after it was closed', async () => {
    const { announcer, announced, published } = stage()
    announced.set('main', '0')
    await announcer.close()
    announcer.look('main')
    await settled()
    expect(published).to.deep.equal([])
  })
})
