import { randomUUID } from 'node:crypto'
import { type Bus, type Delivery, type Message, openBus, openTransport, type Transport, type TransportEvents } from '@carillon/bus'

/** Instances as they are: a connection and a queue (or group) each, acks on, and a read of their own when they are told. */
export interface Instances {
  /** Resolves with the time (ms since 1970) at which the last one runs the value of `bench.value`. */
  readonly until: (value: string) => Promise<Round>
  /** The last event, as the broker had it. */
  readonly lastEvent: () => Delivery
  /** Acks that say `applied` and that the broker has. */
  readonly acks: () => number
  readonly close: () => Promise<void>
}

export interface Round {
  /** When the first instance had been told, and when the last one had read. */
  readonly told: number
  readonly applied: number
}

export interface InstancesOptions {
  readonly bus: string
  readonly count: number
  /** What each of them reads. */
  readonly address: string
}

interface Wait {
  readonly value: string
  readonly resolve: (round: Round) => void
  left: number
  told: number
}

/** Instances that join at a time: a broker that is asked by all at once makes the last ones wait. */
const TOGETHER = 25

export async function openInstances({ bus: url, count, address }: InstancesOptions): Promise<Instances> {
  let wait: Wait | undefined
  let last: Delivery | undefined
  let acks = 0
  const note = (value: string | undefined): void => {
    if (wait === undefined || value !== wait.value) return
    wait.left--
    if (wait.left === 0) wait.resolve({ told: wait.told, applied: Date.now() })
  }
  const watch: Watch = {
    onDelivery: (delivery) => {
      last = delivery
      if (wait !== undefined && wait.told === 0) wait.told = Date.now()
    },
    onAck: () => {
      acks++
    },
  }
  const buses: Bus[] = []
  for (let index = 0; index < count; index += TOGETHER) {
    const opened = Array.from({ length: Math.min(TOGETHER, count - index) }, () => openInstance({ url, address, note, watch }))
    buses.push(...(await Promise.all(opened)))
  }
  return {
    until: (value) =>
      new Promise((resolve) => {
        wait = { value, resolve, left: count, told: 0 }
      }),
    lastEvent: () => {
      if (last === undefined) throw new Error('nothing was announced yet')
      return last
    },
    acks: () => acks,
    close: async () => {
      await Promise.all(buses.map((bus) => bus.close()))
    },
  }
}

interface InstanceOptions {
  readonly url: string
  readonly address: string
  readonly note: (value: string | undefined) => void
  readonly watch: Watch
}

interface Watch {
  readonly onDelivery: (delivery: Delivery) => void
  /** The broker has confirmed an ack that says `applied`. */
  readonly onAck: () => void
}

function openInstance({ url, address, note, watch }: InstanceOptions): Promise<Bus> {
  let etag = ''
  const read = async (commit = ''): Promise<string | undefined> => {
    const headers = { ...(etag && { 'if-none-match': etag }), ...(commit && { 'x-carillon-at-least': commit }) }
    const answer = await fetch(address, { headers })
    const body = await answer.text()
    etag = answer.headers.get('etag') ?? ''
    return answer.status === 200 ? benchValue(body) : undefined
  }
  return new Promise((resolve) => {
    const bus = openBus({
      busId: `bench:prod:${randomUUID()}`,
      openTransport: watched((events) => openTransport(url, { ...events, destination: 'springCloudBus', receives: 'events' }), watch),
      onEvent: async (_event, { commits = [] }) => {
        const value = await read(commits[0])
        note(value)
        return { outcome: value === undefined ? 'unchanged' : 'applied', commits }
      },
      onState: (state) => {
        if (state === 'connected') void read().then(() => resolve(bus))
      },
    })
  })
}

/** What passes a member, in both directions. */
function watched(open: (events: TransportEvents) => Transport, { onDelivery, onAck }: Watch): (events: TransportEvents) => Transport {
  return (events) => {
    const transport = open({
      ...events,
      onDelivery: (delivery) => {
        onDelivery(delivery)
        events.onDelivery(delivery)
      },
    })
    const publish = async (message: Message): Promise<void> => {
      await transport.publish(message)
      if (message.route === 'ack' && message.headers.get('carillon-outcome') === 'applied') onAck()
    }
    return { ...transport, publish }
  }
}

/** `bench.value` of an environment. */
export function benchValue(body: string): string | undefined {
  const { propertySources } = JSON.parse(body) as { readonly propertySources: readonly { readonly source: Record<string, string> }[] }
  return propertySources.find(({ source }) => source['bench.value'] !== undefined)?.source['bench.value']
}
