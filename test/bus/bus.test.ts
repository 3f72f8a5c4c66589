import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { type Answer, type Bus, type BusOptions, openBus } from '../../bus/src/bus.js'
import { decode } from '../../bus/src/codec.js'
import { BusError } from '../../bus/src/errors.js'
import { type AckEvent, type BusEvent, environmentChangeEvent, refreshEvent } from '../../bus/src/event.js'
import { decodeHeaders, type MessageInfo } from '../../bus/src/headers.js'
import { openMemory } from '../../bus/src/transports/memory.js'
import { type Member, messageOf, openMember, refusal } from './transport-contract.js'

const ME = 'shop:dev,eu:1:x'
const SERVER = 'configserver:8888:y'
const TRACE = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: 'yes' } as const

interface Told {
  readonly events: { readonly event: BusEvent; readonly info: MessageInfo }[]
  readonly acks: { readonly ack: AckEvent; readonly info: MessageInfo }[]
  readonly states: string[]
  readonly troubles: string[]
}

describe('openBus', () => {
  let url: string
  let wire: Member
  let opened: Bus[]
  beforeEach(async () => {
    url = `memory:${randomUUID()}`
    wire = openMember((options) => openMemory(url, options))
    opened = []
    await wire.connected()
  })
  afterEach(() => Promise.all([wire.transport.close(), ...opened.map((bus) => bus.close())]))

  /** A member of the bus and what it was told; resolves once it is connected. */
  async function join(options: Partial<BusOptions> = {}): Promise<{ readonly bus: Bus; readonly told: Told }> {
    const told: Told = { events: [], acks: [], states: [], troubles: [] }
    const { onEvent = () => undefined, ...rest } = options
    return new Promise((resolve) => {
      const bus = openBus({
        busId: ME,
        openTransport: (events) => openMemory(url, { destination: 'springCloudBus', receives: 'all', ...events }),
        onAck: (ack, info) => told.acks.push({ ack, info }),
        onState: (state) => {
          told.states.push(state)
          if (state === 'connected') resolve({ bus, told })
        },
        onTrouble: ({ message }) => told.troubles.push(message),
        ...rest,
        onEvent: (event, info) => {
          told.events.push({ event, info })
          return onEvent(event, info)
        },
      })
      opened.push(bus)
    })
  }

  const body = (json: object) =>
    JSON.stringify({ originService: SERVER, destinationService: '**', id: randomUUID(), timestamp: 1, ...json })
  const spring = (json: object = {}) => wire.transport.publish(messageOf(body({ type: 'RefreshRemoteApplicationEvent', ...json })))
  const sent = () => wire.deliveries.map(({ bytes, headers }) => ({ event: decode(bytes), info: decodeHeaders(headers), headers }))
  const acksOf = (id: string) => sent().filter(({ event }) => event.kind === 'ack' && event.ackId === id)
  /** Resolves when all that was sent so far has been handled by everyone: an event that each member acknowledges has gone round. */
  async function settled(members = opened.length): Promise<void> {
    const id = `marker-${randomUUID()}`
    await spring({ id, type: 'ShutdownRemoteApplicationEvent' })
    while (acksOf(id).length < members) await wire.until(wire.deliveries.length + 1)
    await turn()
  }
  /** What the bystander has heard, everyone has by the next turn of the loop: the memory bus delivers to each member in a turn. */
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  describe('what comes in', () => {
    it('hears a refresh for it once, with what is ours beside it, and acknowledges it as Spring does', async () => {
      const answer: Answer = { outcome: 'applied', commits: ['c1'], digests: new Map([['shop/dev', 'f0']]) }
      const { told } = await join({ onEvent: () => answer, clock: () => 7, newId: () => 'fixed' })
      const headers = { 'carillon-label': 'main', b3: `${TRACE.traceId}-${TRACE.spanId}-1` }
      await wire.transport.publish(
        messageOf(body({ type: 'RefreshRemoteApplicationEvent', id: 'one', destinationService: 'shop:eu:**' }), { headers }),
      )
      await wire.until(2)
      expect(told.events).to.have.length(1)
      expect(told.events[0]?.event).to.include({ kind: 'refresh', id: 'one', originService: SERVER })
      expect(told.events[0]?.info).to.deep.equal({ label: 'main', trace: TRACE })
      expect(JSON.parse(wire.heard()[1] as string)).to.deep.equal({
        type: 'AckRemoteApplicationEvent',
        ackDestinationService: 'shop:eu:**',
        ackId: 'one',
        destinationService: '**',
        event: 'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent',
        id: 'fixed',
        originService: ME,
        timestamp: 7,
      })
      expect(sent()[1]?.info).to.deep.equal({ ...answer, trace: TRACE })
    })

    it('tells the owner of its own ack, and of those of others, once each', async () => {
      const shop = await join({ onEvent: () => ({ outcome: 'unchanged' }) })
      const server = await join({ busId: SERVER })
      await spring({ id: 'one', originService: 'other:1:z' })
      await settled()
      for (const { told } of [shop, server]) {
        const ofOne = told.acks.filter(({ ack }) => ack.ackId === 'one')
        expect(ofOne.map(({ ack }) => ack.originService)).to.have.members([ME, SERVER])
        expect(ofOne.find(({ ack }) => ack.originService === ME)?.info.outcome).to.equal('unchanged')
        expect(ofOne.find(({ ack }) => ack.originService === SERVER)?.info).to.deep.equal({})
      }
    })

    it('sends Spring’s plain ack where the listener has no answer', async () => {
      await join()
      await spring({ id: 'one' })
      await wire.until(2)
      expect([...(wire.deliveries[1]?.headers ?? [])]).to.deep.equal([])
    })

    it('leaves what is meant for others, unknown events and acks alone, and acknowledges a shutdown without acting on it', async () => {
      const { told } = await join()
      await spring({ id: 'others', destinationService: 'orders:**' })
      await spring({ id: 'unknown', type: 'OrderShipped' })
      await spring({ id: 'full name', type: 'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent' })
      await spring({ id: 'ack', type: 'AckRemoteApplicationEvent', ackId: 'x' })
      await spring({ id: 'shutdown', type: 'ShutdownRemoteApplicationEvent' })
      await settled()
      expect(told.events).to.deep.equal([])
      expect(['others', 'unknown', 'full name', 'ack', 'shutdown'].map((id) => acksOf(id).length)).to.deep.equal([0, 0, 0, 0, 1])
      expect(told.acks.filter(({ ack }) => ack.id === 'ack')).to.have.length(1)
      expect(told.troubles).to.deep.equal([])
    })

    it('hears what is addressed to one of its config names', async () => {
      const { told } = await join({ configNames: ['catalogue'] })
      await spring({ destinationService: 'catalogue:**' })
      await settled()
      expect(told.events).to.have.length(1)
    })

    it('handles and acknowledges once what is delivered twice, acks included', async () => {
      const { told } = await join()
      const ack = { id: 'ack', type: 'AckRemoteApplicationEvent', ackId: 'x' }
      for (const json of [{ id: 'one' }, { id: 'one' }, ack, ack]) await spring(json)
      await settled()
      expect(told.events).to.have.length(1)
      expect(acksOf('one')).to.have.length(1)
      expect(told.acks.filter(({ ack: { id } }) => id === 'ack')).to.have.length(1)
      await spring({ id: 'one', originService: 'another:1:z' })
      await settled()
      expect(told.events).to.have.length(2)
    })

    it('calls the listener in the order of arrival, without waiting for the call before', async () => {
      let release = (_: Answer) => {}
      const { told } = await join({
        onEvent: ({ id }) => (id === 'slow' ? new Promise<Answer>((resolve) => (release = resolve)) : { outcome: 'applied' }),
      })
      await spring({ id: 'slow' })
      await spring({ id: 'fast' })
      await settled()
      expect(told.events.map(({ event }) => event.id)).to.deep.equal(['slow', 'fast'])
      expect([acksOf('slow').length, acksOf('fast').length]).to.deep.equal([0, 1])
      release({ outcome: 'rejected', reason: { path: 'server.port', code: 'type' } })
      await settled()
      expect(acksOf('slow')[0]?.info).to.deep.equal({ outcome: 'rejected', reason: { path: 'server.port', code: 'type' } })
    })

    for (const [how, onEvent] of [
      [
        'throws',
        () => {
          throw new Error('no disk')
        },
      ],
      ['rejects', () => Promise.reject(new Error('no disk'))],
    ] as const)
      it(`answers failed for a listener that ${how}, and goes on`, async () => {
        const { told } = await join({ onEvent })
        await spring({ id: 'one' })
        await spring({ id: 'two' })
        await settled()
        expect(['one', 'two'].map((id) => acksOf(id)[0]?.info)).to.deep.equal([{ outcome: 'failed' }, { outcome: 'failed' }])
        expect(told.troubles).to.deep.equal(['A listener of refresh events failed: no disk'])
      })

    it('skips bad messages at once, and tells each reason once', async () => {
      const { told } = await join()
      for (const text of ['{', '{', '[]', '{"type":"RefreshRemoteApplicationEvent"}']) await wire.transport.publish(messageOf(text))
      await spring({ id: 'good' })
      await wire.until(6)
      expect(told.events.map(({ event }) => event.id)).to.deep.equal(['good'])
      expect(told.troubles).to.deep.equal([
        'Got bytes that are not JSON in UTF-8, expected a bus event',
        'Got JSON that is an array, expected a bus event',
        'Got a JSON object without originService, expected a bus event',
      ])
    })

    it('survives a listener of acks that throws', async () => {
      const { told } = await join({
        onAck: () => {
          throw new Error('no room')
        },
      })
      await spring({ id: 'one' })
      await spring({ id: 'two' })
      await settled()
      expect(acksOf('two')).to.have.length(1)
      expect(told.troubles).to.deep.equal(['A listener of acks failed: no room'])
    })
  })

  describe('ack settings', () => {
    it('tells once that acks cannot be sent, and hears them itself all the same', async () => {
      const { told } = await join({
        openTransport: (events) => {
          const transport = openMemory(url, { destination: 'springCloudBus', receives: 'all', ...events })
          const refuse = () => Promise.reject(new BusError('not-confirmed', 'The broker is busy'))
          return { ...transport, publish: (message) => (message.route === 'ack' ? refuse() : transport.publish(message)) }
        },
      })
      for (const id of ['one', 'two']) await spring({ id })
      await wire.until(2)
      await turn()
      expect(told.acks.map(({ ack }) => ack.ackId)).to.deep.equal(['one', 'two'])
      expect(told.troubles).to.deep.equal(['The broker is busy'])
    })

    it('sends no ack where they are off', async () => {
      const { bus, told } = await join({ ack: { enabled: false } })
      const event = refreshEvent({ originService: SERVER, destinationService: '**' })
      await spring({ id: 'one' })
      await bus.acknowledge(event, { outcome: 'applied' })
      await bus.publish(refreshEvent({ originService: ME, destinationService: 'nobody:**' }))
      await wire.until(2)
      await turn()
      expect(told.events).to.have.length(1)
      expect(sent().map(({ event: { kind } }) => kind)).to.deep.equal(['refresh', 'refresh'])
    })

    it('sends them to the destination that is set', async () => {
      await join({ ack: { destination: 'configserver' } })
      await spring()
      await wire.until(2)
      expect(sent()[1]?.event.destinationService).to.equal('configserver:**')
    })
  })

  describe('publish', () => {
    it('handles an event for itself at once, and acknowledges it when it comes back', async () => {
      const { bus, told } = await join({ onEvent: () => ({ outcome: 'applied' }) })
      const event = refreshEvent({ originService: bus.id, destinationService: '**' })
      const publishing = bus.publish(event, { label: 'main', commits: ['c1'], trace: TRACE })
      expect(told.events).to.have.length(1)
      await publishing
      await settled()
      expect(told.events).to.have.length(1)
      expect(sent()[0]).to.deep.include({ event, info: { label: 'main', commits: ['c1'], trace: TRACE } })
      expect(acksOf(event.id).map(({ info }) => info)).to.deep.equal([{ outcome: 'applied', trace: TRACE }])
    })

    it('only sends a refresh for others', async () => {
      const { bus, told } = await join()
      const event = refreshEvent({ originService: bus.id, destinationService: 'orders:**' })
      await bus.publish(event)
      await settled()
      expect(told.events).to.deep.equal([])
      expect(acksOf(event.id)).to.deep.equal([])
    })

    it('applies an environment change itself, even for others', async () => {
      const { bus, told } = await join()
      const event = environmentChangeEvent({
        originService: bus.id,
        destinationService: 'orders:**',
        values: new Map([['colour', 'blue']]),
      })
      await bus.publish(event)
      await settled()
      expect(told.events.map((each) => each.event)).to.deep.equal([event])
      expect(acksOf(event.id)).to.deep.equal([])
      expect(JSON.parse(wire.heard()[0] as string).values).to.deep.equal({ colour: 'blue' })
    })

    it('keeps an event of another origin to itself, as Spring does', async () => {
      const { bus, told } = await join()
      await bus.publish(refreshEvent({ originService: 'other:1:z', destinationService: '**' }))
      await settled()
      expect(told.events).to.have.length(1)
      expect(sent().filter(({ event }) => event.kind === 'refresh')).to.deep.equal([])
    })

    it('rejects while the broker is away, and handles no second time what is published again', async () => {
      const { bus, told } = await join()
      let connected = () => {}
      const ready = new Promise<void>((resolve) => (connected = resolve))
      const early = openBus({
        busId: 'late:1:z',
        openTransport: (events) => openMemory(url, { destination: 'springCloudBus', receives: 'all', ...events }),
        onEvent: (event, info) => void told.events.push({ event, info }),
        onState: () => connected(),
      })
      opened.push(early)
      const event = refreshEvent({ originService: early.id, destinationService: 'late:**' })
      expect(await refusal(early.publish(event))).to.equal('not-connected')
      await ready
      await early.publish(event)
      await settled()
      expect(told.events).to.have.length(1)
      expect(acksOf(event.id)).to.have.length(1)
      expect(bus.state()).to.equal('connected')
    })

    it('does not let a failing listener reach the publisher', async () => {
      const { bus, told } = await join({ onEvent: () => Promise.reject(new Error('no disk')) })
      const event = refreshEvent({ originService: bus.id, destinationService: '**' })
      await bus.publish(event)
      await settled()
      expect(acksOf(event.id)[0]?.info).to.deep.equal({ outcome: 'failed' })
      expect(told.troubles).to.have.length(1)
    })
  })

  describe('acknowledge', () => {
    it('answers once more, but never an ack or an unknown event', async () => {
      const { bus } = await join()
      const event = refreshEvent({ originService: SERVER, destinationService: '**' })
      await bus.acknowledge(event, { outcome: 'applied', digests: new Map([['shop/dev', 'f1']]) })
      await wire.until(1)
      const ack = sent()[0]
      expect(ack?.event).to.include({ kind: 'ack', ackId: event.id })
      expect(ack?.info).to.deep.equal({ outcome: 'applied', digests: new Map([['shop/dev', 'f1']]) })
      await bus.acknowledge(ack?.event as AckEvent, { outcome: 'applied' })
      await bus.acknowledge({ ...event, kind: 'unknown', type: 'Other' }, {})
      await settled()
      expect(sent().filter(({ event: { kind } }) => kind === 'ack')).to.have.length(2)
    })
  })

  describe('close', () => {
    it('hears and sends nothing afterwards, and can be called twice', async () => {
      let release = (_: Answer) => {}
      const { bus, told } = await join({ onEvent: () => new Promise<Answer>((resolve) => (release = resolve)) })
      await spring({ id: 'slow' })
      await wire.until(1)
      await turn()
      await Promise.all([bus.close(), bus.close()])
      expect(bus.state()).to.equal('closed')
      expect(told.states).to.deep.equal(['connected', 'closed'])
      release({ outcome: 'applied' })
      await spring({ id: 'after' })
      await wire.until(2)
      await turn()
      expect(told.events.map(({ event }) => event.id)).to.deep.equal(['slow'])
      expect(acksOf('slow')).to.deep.equal([])
      expect(told.troubles).to.deep.equal([])
      expect(await refusal(bus.publish(refreshEvent({ originService: ME, destinationService: '**' })))).to.equal('closed')
    })
  })
})
