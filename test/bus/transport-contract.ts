import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Delivery, Message, Route, Transport, TransportOptions, TransportState } from '../../bus/src/transports/transport.js'

/** A member of the bus that remembers what it was told, and can wait for it. */
export interface Member {
  readonly transport: Transport
  readonly deliveries: readonly Delivery[]
  readonly states: readonly TransportState[]
  readonly troubles: readonly Error[]
  /** The texts of the bodies so far. */
  readonly heard: () => string[]
  readonly connected: () => Promise<void>
  /** Resolves once a body with this text, or the count of bodies, has come in. */
  readonly until: (wanted: string | number) => Promise<void>
}

export type Opener = (options: TransportOptions) => Transport

export interface MemberOptions extends Partial<Pick<TransportOptions, 'receives' | 'destination'>> {
  /** Does more with a delivery, before it is remembered. */
  readonly meet?: (text: string) => void
}

const PATIENCE = 30_000

/** Opens a transport and keeps what it says. */
export function openMember(
  open: Opener,
  { receives = 'all', destination = 'springCloudBus', meet = () => {} }: MemberOptions = {},
): Member {
  const deliveries: Delivery[] = []
  const states: TransportState[] = []
  const troubles: Error[] = []
  const checks = new Set<() => void>()
  const recheck = () => {
    for (const check of [...checks]) check()
  }
  const when = (done: () => boolean, what: () => string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!done()) return
        clearTimeout(timer)
        checks.delete(check)
        resolve()
      }
      const timer = setTimeout(() => {
        checks.delete(check)
        reject(new Error(`Nothing for ${PATIENCE} ms: ${what()}; state ${transport.state()}, troubles ${troubles.join(', ')}`))
      }, PATIENCE)
      checks.add(check)
      check()
    })
  const heard = () => deliveries.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
  const transport = open({
    destination,
    receives,
    onDelivery: (delivery) => {
      try {
        meet(Buffer.from(delivery.bytes).toString('utf8'))
      } finally {
        deliveries.push(delivery)
        recheck()
      }
    },
    onState: (state) => {
      states.push(state)
      recheck()
    },
    onTrouble: (error) => {
      troubles.push(error)
    },
  })
  return {
    transport,
    deliveries,
    states,
    troubles,
    heard,
    connected: () =>
      when(
        () => transport.state() === 'connected',
        () => 'expected connected',
      ),
    until: (wanted) =>
      when(
        () => (typeof wanted === 'number' ? deliveries.length >= wanted : heard().includes(wanted)),
        () => `expected ${wanted}, heard ${heard().length}: ${heard().slice(-3).join(' | ').slice(0, 300)}`,
      ),
  }
}

/** A message whose body is this text. */
export function messageOf(
  text: string | Uint8Array,
  { route = 'event', headers = {} }: { route?: Route; headers?: Record<string, string> } = {},
): Message {
  return { id: randomUUID(), bytes: typeof text === 'string' ? Buffer.from(text) : text, headers: new Map(Object.entries(headers)), route }
}

/** The code an error carries, or its text. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/**
 * What every transport promises. The opener opens one member of the bus under test. Members are opened once, because joining a real broker's group takes
 * seconds.
 */
export function itIsATransport(open: Opener): void {
  const destination = `carillon-contract-${randomUUID()}`
  const opened: Member[] = []
  const member = (options: MemberOptions = {}) => {
    const made = openMember(open, { destination, ...options })
    opened.push(made)
    return made
  }
  let first: Member
  let second: Member
  let client: Member
  let fragile: Member
  before(async function () {
    this.timeout(60_000)
    first = member()
    second = member()
    client = member({ receives: 'events' })
    fragile = member({
      meet: (text) => {
        if (text.startsWith('bad')) throw new Error('a subscriber that throws')
      },
    })
    await Promise.all(opened.map((each) => each.connected()))
  })
  after(async () => {
    await Promise.all(opened.map(({ transport }) => transport.close()))
  })

  it('connects in the background and says so', async () => {
    expect(first.states.filter((state) => state !== 'connecting')).to.deep.equal(['connected'])
    expect(first.transport.state()).to.equal('connected')
    expect(first.transport.reason()).to.equal(undefined)
  })

  it('rejects at once what is published before there is a connection', async () => {
    const early = member()
    expect(early.transport.state()).to.equal('connecting')
    expect(await refusal(early.transport.publish(messageOf('too early')))).to.equal('not-connected')
    await early.transport.close()
    expect(early.transport.state()).to.equal('closed')
  })

  it('brings a message to every member, the sender included, once', async () => {
    await first.transport.publish(messageOf('to all'))
    await Promise.all([first, second, client, fragile].map((each) => each.until('to all')))
    await first.transport.publish(messageOf('to all, the end'))
    await Promise.all([first, second, client, fragile].map((each) => each.until('to all, the end')))
    for (const each of [first, second, client, fragile]) expect(each.heard().filter((text) => text === 'to all')).to.have.length(1)
  })

  it('keeps the order of each sender', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index)
    await Promise.all(
      [first, second].flatMap((sender, who) => numbers.map((n) => sender.transport.publish(messageOf(`order ${who} ${n}`)))),
    )
    await Promise.all([first, client].flatMap((each) => [each.until('order 0 49'), each.until('order 1 49')]))
    for (const each of [first, client])
      for (const who of [0, 1])
        expect(each.heard().filter((text) => text.startsWith(`order ${who} `))).to.deep.equal(numbers.map((n) => `order ${who} ${n}`))
  })

  it('brings acks to who receives all, and not to who receives events', async () => {
    await client.transport.publish(messageOf('an ack', { route: 'ack' }))
    await Promise.all([first, second].map((each) => each.until('an ack')))
    await client.transport.publish(messageOf('after the ack'))
    await Promise.all([first, second, client].map((each) => each.until('after the ack')))
    expect(client.heard()).to.not.include('an ack')
  })

  it('leaves bytes as they are, and headers in UTF-8', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const headers = {
      'carillon-label': 'grüße/鐘/🔔',
      'carillon-commits': '["a","b"]',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    }
    const before = second.deliveries.length
    await first.transport.publish(messageOf(bytes, { headers }))
    await second.until(before + 1)
    const delivery = second.deliveries[before] as Delivery
    expect([...delivery.bytes]).to.deep.equal([...bytes])
    expect(Object.fromEntries(delivery.headers)).to.include(headers)
  })

  it('carries a message of 1 MB', async () => {
    const bytes = Buffer.alloc(1_000_000, 'carillon')
    const before = client.deliveries.length
    await second.transport.publish(messageOf(bytes))
    await client.until(before + 1)
    expect(bytes.equals(client.deliveries[before]?.bytes ?? Buffer.alloc(0))).to.equal(true)
  })

  it('survives a subscriber that throws: it gets the next message, others and the sender notice nothing', async () => {
    await first.transport.publish(messageOf('bad news'))
    await first.transport.publish(messageOf('good news'))
    await Promise.all([first, fragile].map((each) => each.until('good news')))
    expect(fragile.heard().filter((text) => text.startsWith('bad'))).to.deep.equal(['bad news'])
    expect(fragile.transport.state()).to.equal('connected')
    expect(first.troubles).to.deep.equal([])
  })

  it('keeps destinations apart', async function () {
    this.timeout(60_000)
    const stranger = member({ destination: `${destination}-other` })
    await stranger.connected()
    await first.transport.publish(messageOf('not for strangers'))
    await first.until('not for strangers')
    await stranger.transport.publish(messageOf('among strangers'))
    await stranger.until('among strangers')
    expect(stranger.heard()).to.deep.equal(['among strangers'])
    expect(first.heard()).to.not.include('among strangers')
  })

  it('delivers nothing and takes nothing after close, which can be called twice', async () => {
    await Promise.all([second.transport.close(), second.transport.close()])
    await second.transport.close()
    const before = second.deliveries.length
    await first.transport.publish(messageOf('after close'))
    await Promise.all([first, client].map((each) => each.until('after close')))
    expect(second.deliveries.length).to.equal(before)
    expect(second.transport.state()).to.equal('closed')
    expect(second.states.filter((state) => state === 'closed')).to.deep.equal(['closed'])
    expect(await refusal(second.transport.publish(messageOf('from the grave')))).to.equal('closed')
  })
}
