import { setTimeout as pause } from 'node:timers/promises'
import type { Admin, Consumer, KafkaMessage } from 'kafkajs'
import { BusError, textOf } from '../errors.js'
import { handshakeTrouble } from './handshake.js'
import { connectKafka, type KafkaLogin } from './kafka-connect.js'
import { openOutbox, type Topics } from './kafka-outbox.js'
import { makeTopics } from './kafka-topics.js'
import type { Line, Session, Timings } from './session.js'
import type { Delivery } from './transport.js'

export interface KafkaSessionOptions {
  readonly login: KafkaLogin
  readonly topics: Topics
  /** The next offset of each partition, by `positionKey`. Read and written. */
  readonly positions: Map<string, bigint>
  readonly line: Line
  readonly timings: Timings
  readonly what: string
  readonly group: string
}

/** What kafkajs sets itself and Spring's members set: none of it is a header of ours. */
const OWN_HEADERS = ['contenttype', 'spring_json_header_types']

/** How long a fetch waits for a message, and with it how long leaving takes. */
const FETCH_WAIT = 400

/**
 * Joins with a group of its own. Positions are taken from the broker before that and set when the group is there: whatever is published after this has resolved
 * is received, however long the first fetch takes. Nothing is committed, so a group whose member was killed leaves nothing that the broker would have to keep.
 */
export async function openKafkaSession(options: KafkaSessionOptions): Promise<Session> {
  const { login, topics, positions, line, timings, what, group } = options
  const kafka = await connectKafka({ login, line, timings })
  try {
    const admin = kafka.admin()
    await admin.connect()
    await makeTopics(admin, { topics, line, what })
    for (const topic of topics.receives) await findPositions(admin, { topic, positions })
    const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: firstPartition })
    await producer.connect()
    const newConsumer = () =>
      kafka.consumer({ groupId: group, allowAutoTopicCreation: false, maxWaitTimeInMs: FETCH_WAIT, retry: kafka.retry })
    const consumer = await join(newConsumer, options)
    lookAfterTopics(admin, options)
    const outbox = openOutbox({ producer, topics, timeout: timings.confirm, what })
    return {
      publish: outbox.publish,
      leave: async () => {
        await Promise.all([producer.disconnect(), consumer.disconnect()])
        await admin.deleteGroups([group])
        await admin.disconnect()
      },
    }
  } catch (cause) {
    throw cause instanceof BusError ? cause : failure(what, cause, login)
  }
}

/** What a broker that hangs up at once may have expected. */
function wantsOf({ ssl, sasl }: KafkaLogin): string {
  return [...(ssl ? [] : ['TLS']), ...(sasl ? [] : ['a user'])].join(' or ')
}

/** A broker that has just started says for a while that it is not ready for groups: that is no trouble. */
async function join(newConsumer: () => Consumer, options: KafkaSessionOptions): Promise<Consumer> {
  const { signal } = options.line
  for (;;) {
    const consumer = newConsumer()
    try {
      await consume(consumer, options)
      return consumer
    } catch (error) {
      if (signal.aborted || !/coordinator is (loading|not available)/i.test(textOf(error))) throw error
      await pause(200, undefined, { signal })
    }
  }
}

/** Resolves when the group is joined; rejects when it crashes before that. */
async function consume(consumer: Consumer, { topics, positions, line, timings, what }: KafkaSessionOptions): Promise<void> {
  const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH } = consumer.events
  let lastSign = Date.now()
  const sign = () => {
    lastSign = Date.now()
  }
  consumer.on(HEARTBEAT, sign)
  consumer.on(FETCH, sign)
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(GROUP_JOIN, ({ payload }) => {
      sign()
      // After each join, also one that a rebalance forces: kafkajs has forgotten its positions then.
      for (const [topic, partitions] of Object.entries(payload.memberAssignment))
        for (const partition of partitions)
          consumer.seek({ topic, partition, offset: String(positions.get(positionKey(topic, partition)) ?? 0n) })
      resolve()
    })
    consumer.on(CRASH, ({ payload }) => reject(payload.error))
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics.receives] })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      line.deliver(deliveryOf(message))
      positions.set(positionKey(topic, partition), BigInt(message.offset) + 1n)
    },
  })
  await joined
  consumer.on(CRASH, ({ payload }) => line.end(failure(what, payload.error)))
  const watch = setInterval(
    () => {
      if (Date.now() - lastSign > timings.silence) line.end(new BusError('connection-lost', `No sign of ${what} for ${timings.silence} ms`))
    },
    Math.min(1000, timings.silence / 2),
  ).unref()
  line.signal.addEventListener('abort', () => clearInterval(watch))
}

/** Where to go on: behind what the last session has seen, or at the end of a topic that is new to us or was made anew. */
async function findPositions(
  admin: Admin,
  { topic, positions }: { readonly topic: string; readonly positions: Map<string, bigint> },
): Promise<void> {
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    const key = positionKey(topic, partition)
    const known = positions.get(key)
    if (known === undefined || known < BigInt(low) || known > BigInt(high)) positions.set(key, BigInt(high))
  }
}

/** A consumer goes round in circles, and says nothing, when its topic is deleted; when somebody makes it anew, it waits at a place that is not there yet. */
function lookAfterTopics(admin: Admin, { topics, positions, line, timings, what }: KafkaSessionOptions): void {
  const isAnew = async (topic: string) => {
    // Taken before the question: what comes in meanwhile moves both.
    const known = new Map(positions)
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.some(({ partition, high }) => (known.get(positionKey(topic, partition)) ?? 0n) > BigInt(high))
  }
  const look = async () => {
    for (const topic of topics.receives) {
      // That the broker does not answer is for the consumer to find out.
      const gone = await isAnew(topic).catch((error: unknown) => textOf(error).includes('does not host this topic'))
      if (gone) line.end(new BusError('connection-lost', `${what} no longer has the topic ${topic}, or has made it anew`))
    }
  }
  const timer = setInterval(look, timings.check).unref()
  line.signal.addEventListener('abort', () => clearInterval(timer))
}

function deliveryOf({ value, headers = {} }: Pick<KafkaMessage, 'value' | 'headers'>): Delivery {
  const texts = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const last = Array.isArray(value) ? value.at(-1) : value
    return last === undefined || OWN_HEADERS.includes(name.toLowerCase()) ? [] : [[name.toLowerCase(), last.toString()]]
  })
  return { bytes: value ?? new Uint8Array(), headers: new Map(texts) }
}

function failure(what: string, cause: unknown, login?: KafkaLogin): BusError {
  const text = textOf(cause)
  // A broker that goes away in the middle of a login has refused nobody.
  const refused =
    /sasl|authenticat|authoriz/i.test(`${cause instanceof Error ? cause.name : ''} ${text}`) && !/connection|timed out/i.test(text)
  if (refused) return new BusError('broker-refused', `${what} refused us: ${text}`, { cause })
  const handshake = handshakeTrouble(what, cause)
  if (handshake !== undefined) return handshake
  const wanted = login !== undefined && /closed connection/i.test(text) ? wantsOf(login) : ''
  const hint = wanted === '' ? '' : `; it may expect ${wanted}, which was not given`
  return new BusError('connection-lost', `The connection to ${what} failed: ${text}${hint}`, { cause })
}

/** The bus is in order as long as there is one partition; with more, no key says where a message belongs, as with Spring's members. */
function firstPartition() {
  return ({ partitionMetadata }: { readonly partitionMetadata: readonly { readonly partitionId: number }[] }) =>
    partitionMetadata[0]?.partitionId ?? 0
}

function positionKey(topic: string, partition: number): string {
  return `${partition}:${topic}`
}
