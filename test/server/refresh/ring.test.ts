import { type AckEvent, type BusEvent, type MessageInfo, openBus, openTransport, type TraceIds } from '@carillon/bus'
import { expect } from 'chai'
import { joinRing, type Overheard, type Ring } from '../../../server/src/refresh/ring.js'
import type { BusSettings } from '../../../server/src/settings/settings.js'
import { eventually } from '../trees/repositories.js'
import { joinBus } from './ringing.js'

const closings: (() => Promise<void>)[] = []
let buses = 0

interface Joined {
  readonly ring: Ring
  readonly overheard: Overheard[]
  readonly acks: [AckEvent, MessageInfo][]
  readonly published: string[]
  readonly url: string
}

async function join(settings: Partial<BusSettings> = {}, url = `memory:ring-${buses++}`, ids?: TraceIds): Promise<Joined> {
  const overheard: Overheard[] = []
  const acks: [AckEvent, MessageInfo][] = []
  const published: string[] = []
  const ring = joinRing({
    settings: { url, destination: 'springCloudBus', application: 'configserver', ack: { enabled: true }, ...settings },
    port: 8888,
    openTransport,
    onOverheard: (event) => overheard.push(event),
    onAck: (ack, info) => acks.push([ack, info]),
    onState: () => undefined,
    onTrouble: () => undefined,
    onPublished: (event) => published.push(event),
    ...(ids === undefined ? {} : { ids }),
  })
  closings.push(ring.close)
  await eventually(ring.state, (state) => state === 'connected')
  return { ring, overheard, acks, published, url }
}

async function listen(url: string) {
  const member = joinBus(url)
  closings.push(member.close)
  await member.joined
  return member
}

/** Not for the whole run: a hook outside of suites would be every suite's. */
const clear = async () => {
  for (const close of closings.splice(0)) await close()
}

describe('joinRing', () => {
  afterEach(clear)

  it('is called as Spring calls a config server: its name, its port, 32 hex digits', async () => {
    const [one, two] = [await join(), await join()]
    expect(one.ring.id).to.match(/^configserver:8888:[0-9a-f]{32}$/)
    expect(two.ring.id).to.not.equal(one.ring.id)
    expect((await join({ id: 'a:b:c' })).ring.id).to.equal('a:b:c')
  })

  it('gives each event a span, in the trace of its cause or in one of its own', async () => {
    const spans = ['1', '2', '3'].map((digit) => digit.repeat(16))
    const left = [...spans]
    const ids = { traceId: () => 'a'.repeat(32), spanId: () => left.shift() ?? '' }
    const { ring, url } = await join({}, `memory:ring-${buses++}`, ids)
    const member = await listen(url)
    const cause = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), sampled: 'no', state: 'x=y' } as const
    await ring.refresh('shop')
    await ring.refresh('shop', { trace: cause })
    await ring.changeEnvironment('shop', new Map([['k', 'v']]), { trace: cause })
    await member.destinations(3)
    expect(member.heard.map(({ info }) => info.trace)).to.deep.equal([
      { traceId: 'a'.repeat(32), spanId: spans[0], sampled: 'yes' },
      { ...cause, spanId: spans[1] },
      { ...cause, spanId: spans[2] },
    ])
  })

  for (const [destination, expected] of [
    [undefined, '**'],
    ['shop', 'shop:**'],
    ['*', '*:**'],
    ['shop:dev', 'shop:dev:**'],
    ['a:b:c:**', 'a:b:c:**'],
  ] as const) {
    it(`tells ${expected} for ${destination}`, async () => {
      const { ring, url, published } = await join()
      const member = await listen(url)
      await ring.refresh(destination)
      await ring.changeEnvironment(destination, new Map([['k', 'v']]))
      await member.destinations(2)
      expect(member.heard.map(({ destination: heard, event }) => [heard, event.kind, event.originService])).to.deep.equal([
        [expected, 'refresh', ring.id],
        [expected, 'environment-change', ring.id],
      ])
      expect(published).to.deep.equal(['refresh', 'environment-change'])
    })
  }

  it('hears of commits that others tell of, of nothing else, and not of its own', async () => {
    const [one, url] = await join().then((joined) => [joined, joined.url] as const)
    const two = await join({}, url)
    const trace = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), sampled: 'yes' } as const
    await two.ring.refresh('shop', { label: 'main', commits: ['c1'], trace })
    await two.ring.refresh('shop', { label: 'main' })
    await two.ring.refresh('shop')
    await two.ring.changeEnvironment(undefined, new Map())
    await two.ring.refresh('configserver', { label: 'main', commits: ['c2'], profiles: ['prod'] })
    await eventually(
      () => one.overheard.length,
      (count) => count >= 2,
    )
    expect(one.overheard.map(({ label, commits }) => [label, commits])).to.deep.equal([
      ['main', ['c1']],
      ['main', ['c2']],
    ])
    expect(one.overheard.map((event) => event.trace?.traceId === trace.traceId)).to.deep.equal([true, false])
    expect(two.overheard).to.deep.equal([])
  })

  it('hears the acks of instances', async () => {
    const { ring, acks, url } = await join()
    const seen: BusEvent[] = []
    const instance = openBus({
      busId: 'shop:8080:x',
      openTransport: (events) => openTransport(url, { ...events, destination: 'springCloudBus', receives: 'events' }),
      onEvent: async (event) => {
        seen.push(event)
        return { outcome: 'applied', commits: ['c1'] }
      },
    })
    closings.push(instance.close)
    await eventually(instance.state, (state) => state === 'connected')
    await ring.refresh('shop', { label: 'main', commits: ['c1'] })
    await eventually(
      () => acks.length,
      (count) => count > 0,
    )
    const [[ack, info] = []] = acks
    expect([ack?.originService, ack?.ackId, info?.outcome, info?.commits]).to.deep.equal(['shop:8080:x', seen[0]?.id, 'applied', ['c1']])
  })

  it('rejects while nobody takes an event, and after it was closed', async () => {
    const { ring } = await join()
    await ring.close()
    await ring.close()
    expect(ring.state()).to.equal('closed')
    const failure = await ring.refresh(undefined).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'closed')
  })
})
