import { BusError } from '../errors.js'
import { tellOnce } from '../trouble.js'
import type { Delivery, Message, Transport, TransportOptions, TransportState } from './transport.js'

interface Member {
  readonly hear: (message: Message) => void
}

/** As trouble names them. */
const WHO = 'A subscriber of the memory bus'

/** Members by name and destination. One for the process: that they find each other is what this transport is for. */
const rooms = new Map<string, Set<Member>>()

/**
 * The bus inside one process, at `memory:NAME`: members of one name and destination hear each other and themselves, asynchronously and in the order of
 * publishing.
 */
export function openMemory(url: string, options: TransportOptions): Transport {
  const room = JSON.stringify([url, options.destination])
  const trouble = tellOnce(options.onTrouble)
  let state: TransportState = 'connecting'
  const become = (next: TransportState) => {
    state = next
    trouble.guard(WHO, () => options.onState(next))
  }
  const inbox = openInbox((delivery) => trouble.guard(WHO, () => options.onDelivery(delivery)))
  const member: Member = { hear: (message) => (message.route === 'ack' && options.receives === 'events' ? undefined : inbox.add(message)) }

  // Not at once: whoever opens has its handle before it is told anything, as with a real broker.
  setImmediate(() => {
    if (state === 'closed') return
    join(room, member)
    become('connected')
  })
  return {
    state: () => state,
    reason: () => undefined,
    publish: async (message) => {
      if (state !== 'connected') throw notConnected(url, state)
      const copy = { ...message, bytes: Uint8Array.from(message.bytes), headers: new Map(message.headers) }
      for (const each of rooms.get(room) ?? []) each.hear(copy)
    },
    close: async () => {
      if (state === 'closed') return
      leave(room, member)
      inbox.close()
      become('closed')
    },
  }
}

/** A queue that hands over what came in at the next turn of the loop, one after the other, until it is closed. */
function openInbox(deliver: (delivery: Delivery) => void) {
  let waiting: Message[] = []
  let state: 'idle' | 'due' | 'closed' = 'idle'
  const drain = () => {
    if (state === 'closed') return
    state = 'idle'
    const batch = waiting
    waiting = []
    for (const { bytes, headers } of batch) {
      // A subscriber may close the member in the middle of a batch.
      if (isClosed()) return
      deliver({ bytes: Uint8Array.from(bytes), headers })
    }
  }
  const isClosed = () => state === 'closed'
  return {
    add: (message: Message) => {
      waiting.push(message)
      if (state !== 'idle') return
      state = 'due'
      setImmediate(drain)
    },
    close: () => {
      state = 'closed'
      waiting = []
    },
  }
}

function join(room: string, member: Member): void {
  const members = rooms.get(room) ?? new Set()
  rooms.set(room, members.add(member))
}

function leave(room: string, member: Member): void {
  const members = rooms.get(room)
  members?.delete(member)
  if (members?.size === 0) rooms.delete(room)
}

function notConnected(url: string, state: TransportState): BusError {
  if (state === 'closed') return new BusError('closed', `Cannot publish to ${url}: this member is closed`)
  return new BusError('not-connected', `Cannot publish to ${url}: it is ${state}, expected connected`)
}
