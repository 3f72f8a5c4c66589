import { randomUUID } from 'node:crypto'
import type { Delivery } from '@carillon/bus'
import { connect } from 'amqplib'
import kafkajs from 'kafkajs'
import { benchValue } from './instances.js'

/** A broker, and nothing of ours: as many listeners, each of which reads from the bare server when it is told. */
export interface Fanout {
  /** Sends a message; resolves with the time (ms since 1970) at which the last listener has read. */
  readonly send: (message: Delivery) => Promise<number>
  readonly close: () => Promise<void>
}

export interface FanoutOptions {
  readonly bus: string
  readonly count: number
  readonly address: string
}

interface Round {
  readonly onTold: () => void
  /** Begins a round: resolves when every listener has read. */
  readonly begin: () => Promise<number>
}

const NAME = 'bare'
const TOGETHER = 25

export async function openRabbitFanout({ bus, count, address }: FanoutOptions): Promise<Fanout> {
  const { onTold, begin } = openRound(count, address)
  const sender = await connect(bus)
  const channel = await sender.createConfirmChannel()
  await channel.assertExchange(NAME, 'topic', { durable: true })
  const listen = async () => {
    const connection = await connect(bus, { noDelay: true })
    const own = await connection.createChannel()
    const { queue } = await own.assertQueue('', { exclusive: true })
    await own.bindQueue(queue, NAME, NAME)
    await own.consume(queue, onTold, { noAck: true })
    return connection
  }
  const connections = await inBatches(count, listen)
  return {
    send: async ({ bytes, headers }) => {
      const read = begin()
      channel.publish(NAME, NAME, Buffer.from(bytes), { headers: Object.fromEntries(headers) })
      return read
    },
    close: async () => {
      await channel.deleteExchange(NAME)
      await Promise.all([...connections, sender].map((connection) => connection.close()))
    },
  }
}

export async function openKafkaFanout({ bus, count, address }: FanoutOptions): Promise<Fanout> {
  const { onTold, begin } = openRound(count, address)
  const kafka = new kafkajs.Kafka({ brokers: [new URL(bus).host], logLevel: kafkajs.logLevel.NOTHING })
  const topic = `${NAME}-${randomUUID()}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  const producer = kafka.producer()
  await producer.connect()
  const listen = async () => {
    const consumer = kafka.consumer({ groupId: `${NAME}-${randomUUID()}`, maxWaitTimeInMs: 400 })
    await consumer.connect()
    await consumer.subscribe({ topic })
    const joined = new Promise((resolve) => consumer.on(consumer.events.FETCH, resolve))
    await consumer.run({ autoCommit: false, eachMessage: async () => onTold() })
    await joined
    return consumer
  }
  const consumers = await inBatches(count, listen)
  return {
    send: async ({ bytes, headers }) => {
      const read = begin()
      await producer.send({ topic, messages: [{ value: Buffer.from(bytes), headers: Object.fromEntries(headers) }] })
      return read
    },
    close: async () => {
      await Promise.all([...consumers, producer].map((each) => each.disconnect()))
      await admin.deleteTopics({ topics: [topic] })
      await admin.disconnect()
    },
  }
}

function openRound(count: number, address: string): Round {
  let left = 0
  let done: (time: number) => void = () => undefined
  const read = async (): Promise<void> => {
    const answer = await fetch(address)
    benchValue(await answer.text())
    left--
    if (left === 0) done(Date.now())
  }
  return {
    onTold: () => void read(),
    begin: () => {
      left = count
      return new Promise((resolve) => {
        done = resolve
      })
    },
  }
}

async function inBatches<T>(count: number, open: () => Promise<T>): Promise<readonly T[]> {
  const opened: T[] = []
  while (opened.length < count) opened.push(...(await Promise.all(Array.from({ length: Math.min(TOGETHER, count - opened.length) }, open))))
  return opened
}
