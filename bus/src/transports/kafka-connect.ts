import { connect as connectSocket, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory, Kafka, KafkaConfig, RetryOptions } from 'kafkajs'
import type { Line, Timings } from './session.js'

/** Where the brokers are and who wants in. */
export type KafkaLogin = Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>

/** A client whose sockets all go with the line, and what its consumers need to give up instead of starting over by themselves. */
export type KafkaClient = Pick<Kafka, 'admin' | 'producer' | 'consumer'> & { readonly retry: RetryOptions }

// Few and quick: whoever keeps the connection starts over anyway, and a retry that sleeps would outlive a close.
const RETRY: RetryOptions = { retries: 4, initialRetryTime: 50, maxRetryTime: 250, restartOnFailure: async () => false }

/** Prepares a client; connects nothing yet. */
export async function connectKafka({
  login,
  line,
  timings,
}: {
  readonly login: KafkaLogin
  readonly line: Line
  readonly timings: Timings
}): Promise<KafkaClient> {
  const { default: kafkajs } = await import('kafkajs')
  const kafka = new kafkajs.Kafka({
    ...login,
    clientId: 'carillon',
    connectionTimeout: Math.min(5000, timings.open),
    requestTimeout: timings.confirm,
    retry: RETRY,
    // What it has to say is in its errors as well.
    logLevel: kafkajs.logLevel.NOTHING,
    logCreator: () => () => {},
    socketFactory: socketsOf(line),
  })
  return {
    admin: () => kafka.admin(),
    producer: (config) => kafka.producer(config),
    consumer: (config) => kafka.consumer(config),
    retry: RETRY,
  }
}

/** Makes sockets that are destroyed, with an error that kafkajs takes notice of, when the line is cut; after that it makes none. */
function socketsOf({ signal }: Line): ISocketFactory {
  const sockets = new Set<Socket>()
  signal.addEventListener('abort', () => {
    for (const socket of sockets) socket.destroy(new Error('the line was cut'))
  })
  return ({ host, port, ssl, onConnect }) => {
    if (signal.aborted) throw new Error('the line was cut')
    const named = isIP(host) ? {} : { servername: host }
    const socket = ssl ? connectTls({ host, port, ...named, ...ssl }, onConnect) : connectSocket({ host, port }, onConnect)
    socket.setKeepAlive(true, 60_000).setNoDelay(true)
    sockets.add(socket)
    return socket.once('close', () => sockets.delete(socket))
  }
}
