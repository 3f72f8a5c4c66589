import type { Trace } from '@carillon/bus'
import { expect } from 'chai'
import { ServerError } from '../../../server/src/errors.js'
import type { AnnouncedRecord } from '../../../server/src/refresh/announced.js'
import { type Announcement, type AnnouncerOptions, createAnnouncer } from '../../../server/src/refresh/announcer.js'

/** A record without a disk; `order` says what was written when. */
function memoryRecord(order: string[]) {
  const announced = new Map<string, string>()
  const since = new Map<string, Set<string>>()
  const sinceOf = (label: string): Set<string> => {
    const known = since.get(label) ?? new Set()
    since.set(label, known)
    return known
  }
  const record: AnnouncedRecord = {
    get: (label) => announced.get(label),
    labels: () => [...new Set([...announced.keys(), ...since.keys()])],
    since: (label) => [...sinceOf(label)],
    note: (label, commit) => void sinceOf(label).add(commit),
    set: async (label, commit, others = []) => {
      for (const told of [commit, ...others]) sinceOf(label).delete(told)
      announced.set(label, commit)
      order.push(`record ${commit}`)
    },
    save: async () => void order.push('save'),
  }
  return { announced, record }
}

/** A repository of one label whose commits are numbers, a bus that can be away or fail, and what came of it all. */
function stage(options: Partial<AnnouncerOptions> = {}) {
  const state = { commit: '1' as string | undefined, bus: 'there' as 'there' | 'away' | 'failing' }
  const published: Announcement[] = []
  const order: string[] = []
  const troubles: string[] = []
  const { announced, record } = memoryRecord(order)
  const announcer = createAnnouncer({
    tree: { current: () => state.commit, snapshot: async () => (state.commit === undefined ? undefined : { id: state.commit }) },
    record,
    concernsOf: async ({ from, to }) => [{ application: `${from.id}-${to.id}`, profiles: '*' }],
    canPublish: () => state.bus !== 'away',
    publish: async (announcement) => {
      if (state.bus === 'failing') throw new Error('not confirmed')
      published.push(announcement)
      order.push(`publish ${announcement.commit}`)
    },
    onAnnounced: () => undefined,
    onTrouble: (message) => troubles.push(message),
    pauseAfter: () => 1,
    ...options,
  })
  const told = (): readonly string[] => published.map(({ application }) => application)
  return { state, announced, record, published, told, order, troubles, announcer }
}

const traceOf = (traceId: string): Trace => ({ traceId, spanId: '0000000000000001', sampled: 'yes' })

const settled = async (): Promise<void> => {
  // Workers only run through promises here, so a few turns of the loop end them.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
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
    const { announcer, announced, order } = stage()
    announced.set('main', '0')
    announcer.look('main')
    await announcer.close()
    expect(order).to.deep.equal(['publish 1', 'record 1'])
  })

  it('goes on with the trace of a request whose commit came while the bus was away, and not beyond that', async () => {
    const seen: string[] = []
    const { state, announced, announcer } = stage({
      publish: async ({ commit }, { traceId }) => void seen.push(`${commit} ${traceId}`),
      newTrace: () => traceOf('its own'),
    })
    announced.set('main', '0')
    state.bus = 'away'
    announcer.look('main', traceOf('of the push'))
    await settled()
    announcer.lookAtAll()
    await settled()
    state.bus = 'there'
    announcer.lookAtAll()
    await settled()
    state.commit = '2'
    announcer.look('main')
    await announcer.close()
    expect(seen).to.deep.equal(['1 of the push', '2 its own'])
  })

  it('announces once for each state that was reached, however many hints come', async () => {
    const { announcer, announced, published } = stage()
    announced.set('main', '0')
    for (let hint = 0; hint < 10; hint++) announcer.look('main')
    await settled()
    await announcer.close()
    expect(published.map(({ application, commit }) => [application, commit])).to.deep.equal([['0-1', '1']])
  })

  it('tells a bus that was away the newest state alone, but whoever may run any of those in between', async () => {
    const { announcer, announced, published, troubles, state } = stage()
    announced.set('main', '0')
    state.bus = 'away'
    for (const commit of ['1', '2', '3']) {
      state.commit = commit
      announcer.look('main')
      await settled()
    }
    expect(published).to.deep.equal([])
    state.bus = 'there'
    announcer.lookAtAll()
    await announcer.close()
    expect(published.map(({ application, label, commit }) => [application, label, commit])).to.deep.equal([
      ['0-3', 'main', '3'],
      ['1-3', 'main', '3'],
      ['2-3', 'main', '3'],
    ])
    expect(troubles).to.deep.equal([])
  })

  it('announces both ways from A to B and back to A, and nothing where B was never served', async () => {
    for (const [seen, expected] of [
      [
        ['2', '1'],
        ['1-2', '2-1'],
      ],
      [['1', '1'], []],
    ] as const) {
      const { announcer, announced, told, state } = stage()
      announced.set('main', '1')
      for (const commit of seen) {
        state.commit = commit
        announcer.look('main')
      }
      await settled()
      await announcer.close()
      expect(told()).to.deep.equal(expected)
      expect(announced.get('main')).to.equal('1')
    }
  })

  it('tells who may have started while a label was elsewhere, where it is back when the bus is', async () => {
    const { announcer, announced, told, state } = stage()
    announced.set('main', '1')
    state.bus = 'away'
    for (const commit of ['2', '1']) {
      state.commit = commit
      announcer.look('main')
      await settled()
    }
    state.bus = 'there'
    announcer.lookAtAll()
    await announcer.close()
    expect([told(), announced.get('main')]).to.deep.equal([['2-1'], '1'])
  })

  it('keeps on disk what could not be told, so that a restart does not forget it', async () => {
    const { announcer, announced, record, order, state } = stage()
    announced.set('main', '0')
    state.bus = 'away'
    announcer.look('main')
    await announcer.close()
    expect(order).to.deep.equal(['save'])
    expect([record.get('main'), record.since('main')]).to.deep.equal(['0', ['1']])
  })

  it('remembers a label that became known and moved while the bus was away', async () => {
    const { announcer, record, told, state } = stage()
    state.bus = 'away'
    announcer.look('main')
    await settled()
    state.commit = '2'
    announcer.look('main')
    await settled()
    expect([record.get('main'), record.since('main')]).to.deep.equal(['1', ['2']])
    state.bus = 'there'
    announcer.lookAtAll()
    await announcer.close()
    expect(told()).to.deep.equal(['1-2'])
  })

  it('tries again what failed, and says so once', async () => {
    const { announcer, announced, published, troubles, state } = stage()
    announced.set('main', '0')
    state.bus = 'failing'
    let looks = 0
    announcer.look('main')
    await until(() => looks++ > 5)
    expect(published).to.deep.equal([])
    state.bus = 'there'
    await until(() => published.length > 0)
    await announcer.close()
    expect([announced.get('main'), troubles.length]).to.deep.equal(['1', 1])
  })

  it('waits for a first clone without a word', async () => {
    let clones = 3
    const { announcer, announced, told, troubles } = stage({
      tree: {
        current: () => undefined,
        snapshot: async () => {
          if (clones-- > 0) throw new ServerError('not-ready', 'cloning')
          return { id: '1' }
        },
      },
    })
    announced.set('main', '0')
    announcer.lookAtAll()
    await until(() => told().length > 0)
    await announcer.close()
    expect([told(), troubles]).to.deep.equal([['0-1'], []])
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

  it('keeps no record of labels that are ids of commits: they never move, and there is no end of them', async () => {
    const { announcer, announced, state } = stage()
    state.commit = '1234567890123456789012345678901234567890'
    for (const label of [state.commit, '1234567', 'main']) announcer.look(label)
    await announcer.close()
    expect([...announced.keys()]).to.deep.equal(['main'])
  })

  it('records a change that concerns nobody', async () => {
    const { announcer, announced, published } = stage({ concernsOf: async () => [] })
    announced.set('main', '0')
    announcer.look('main')
    await announcer.close()
    expect([published.length, announced.get('main')]).to.deep.equal([0, '1'])
  })

  it('tells everybody where a label was too much for one comparison each', async () => {
    const { announcer, announced, told, record } = stage()
    announced.set('main', '0')
    for (let commit = 100; commit < 120; commit++) record.note('main', `${commit}`)
    announcer.look('main')
    await announcer.close()
    expect(told()).to.deep.equal(['*'])
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
