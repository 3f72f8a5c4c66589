import type { Producer } from 'kafkajs'
import { BusError, textOf } from '../errors.js'
import type { Message, Route } from './transport.js'

/** Where each route goes, and which topics are read. */
export interface Topics {
  readonly events: string
  readonly acks: string
  readonly receives: readonly string[]
}

interface Waiting {
  readonly message: Message
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

export interface OutboxOptions {
  readonly producer: Producer
  readonly topics: Topics
  /** Milliseconds the broker may take to store a batch. */
  readonly timeout: number
  readonly what: string
}

/** A broker takes a megabyte at once by default; a message that is larger than this goes alone. */
const BATCH_BYTES = 256 * 1024

/** Sends one batch after the other: what is published in an order arrives in it, and what waits meanwhile shares the next batch. */
export function openOutbox({ producer, topics, timeout, what }: OutboxOptions) {
  let waiting: Waiting[] = []
  let state: 'idle' | 'sending' = 'idle'
  const send = async (batch: readonly Waiting[]) => {
    try {
      await producer.sendBatch({
        timeout,
        topicMessages: (['event', 'ack'] as const).flatMap((route) => topicMessagesOf(batch, { route, topics })),
      })
      for (const { resolve } of batch) resolve()
    } catch (cause) {
      const error = new BusError('not-confirmed', `${what} did not take a message: ${textOf(cause)}`, { cause })
      for (const { reject } of batch) reject(error)
    }
  }
  const drain = async () => {
    state = 'sending'
    while (waiting.length > 0) {
      const count = batchLength(waiting)
      const batch = waiting.slice(0, count)
      waiting = waiting.slice(count)
      await send(batch)
    }
    state = 'idle'
  }
  return {
    publish: (message: Message) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ message, resolve, reject })
        if (state === 'idle') drain().catch(reject)
      }),
  }
}

function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0
  const tooMuch = waiting.findIndex(({ message }) => {
    bytes += message.bytes.byteLength
    return bytes > BATCH_BYTES
  })
  return tooMuch < 0 ? waiting.length : Math.max(1, tooMuch)
}

function topicMessagesOf(batch: readonly Waiting[], { route, topics }: { readonly route: Route; readonly topics: Topics }) {
  const messages = batch.filter(({ message }) => message.route === route).map(({ message }) => recordOf(message))
  return messages.length === 0 ? [] : [{ topic: route === 'ack' ? topics.acks : topics.events, messages }]
}

/** The record as Spring's members write it: no key, the content type in a header, whose own type stands in another. */
function recordOf({ bytes, headers }: Message) {
  const spring = { contentType: 'application/json', spring_json_header_types: '{"contentType":"java.lang.String"}' }
  return { key: null, value: Buffer.from(bytes), headers: { ...spring, ...Object.fromEntries(headers) } }
}
