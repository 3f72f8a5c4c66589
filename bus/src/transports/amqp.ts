import { randomBytes } from 'node:crypto'
import { BusError, textOf } from '../errors.js'
import { type Address, hostsOf, parseAddress } from './address.js'
import { type AmqpChannel, connectAmqp } from './amqp-connect.js'
import { type BrokerOptions, keepConnected } from './connection.js'
import type { Line, Session, Timings } from './session.js'
import type { Delivery, Message, Transport } from './transport.js'

/** Without its own word a broker may be silent for two or three of these seconds. */
const HEARTBEAT = 10

/**
 * RabbitMQ as Spring Cloud Bus uses it: a durable topic exchange, one anonymous queue for each member. Our acks take the routing key `<destination>.ack`: who
 * receives all binds `#`, as Spring's members do, who receives events only the destination itself.
 */
export function openAmqp(url: string, options: BrokerOptions): Transport {
  const secure = /^amqps:/i.test(url) || options.tls !== undefined
  const address = parseAddress(url, { port: secure ? 5671 : 5672, parameters: ['heartbeat'] })
  const heartbeat = Number(address.parameters.get('heartbeat') ?? HEARTBEAT)
  if (!Number.isInteger(heartbeat) || heartbeat < 1)
    throw new BusError('invalid-url', `Got heartbeat=${address.parameters.get('heartbeat')}, expected a whole number of seconds from 1`)
  const what = `RabbitMQ at ${hostsOf(address)}`
  const login = { credentials: options.credentials ?? address.credentials, tls: secure ? (options.tls ?? {}) : undefined, heartbeat }
  let next = 0
  const open = async (line: Line, timings: Timings): Promise<Session> => {
    const channel = await firstOf(rotated(address.hosts, next++), (host) =>
      connectAmqp({ ...login, ...host, vhost: address.path || '/', timeout: timings.open / 2, line }),
    )
    return setUp(channel, { line, options, what, check: timings.check })
  }
  return keepConnected({ what, open }, options)
}

interface SetUp {
  readonly line: Line
  readonly options: BrokerOptions
  readonly what: string
  readonly check: number
}

async function setUp({ channel, close }: AmqpChannel, { line, options, what, check }: SetUp): Promise<Session> {
  const { destination, receives } = options
  // A new name for each session: the queue of a connection that the broker does not yet know to be dead would be locked.
  const queue = `${destination}.anonymous.${randomBytes(16).toString('base64url')}`
  const binding = receives === 'all' ? '#' : destination
  await channel.assertExchange(destination, 'topic', { durable: true })
  await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false })
  await channel.bindQueue(queue, destination, binding)
  await channel.consume(
    queue,
    (message) => {
      if (message) line.deliver(deliveryOf(message))
      else line.end(new BusError('connection-lost', `${what} cancelled our queue ${queue}: it was deleted`))
    },
    { noAck: true },
  )
  // Nobody tells when an exchange is deleted, and with it our binding: the first look ends the channel, the second puts right what somebody else made anew.
  const look = async () => {
    await channel.checkExchange(destination)
    await channel.bindQueue(queue, destination, binding)
  }
  const timer = setInterval(() => look().catch(() => {}), check).unref()
  line.signal.addEventListener('abort', () => clearInterval(timer))
  return { publish: (message) => publish(channel, { message, destination, what }), leave: close }
}

interface Outgoing {
  readonly message: Message
  readonly destination: string
  readonly what: string
}

/** Resolves with the broker's confirmation. The properties are those that Spring's members set. */
function publish(channel: AmqpChannel['channel'], { message, destination, what }: Outgoing): Promise<void> {
  const { id, bytes, headers, route } = message
  const properties = {
    contentType: 'application/json',
    deliveryMode: 2,
    priority: 0,
    messageId: id,
    timestamp: Math.floor(Date.now() / 1000),
    headers: Object.fromEntries(headers),
  }
  return new Promise((resolve, reject) => {
    const key = route === 'ack' ? `${destination}.ack` : destination
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    channel.publish(destination, key, content, properties, (error) =>
      error ? reject(new BusError('not-confirmed', `${what} did not take a message: ${textOf(error)}`)) : resolve(),
    )
  })
}

function deliveryOf({ content, properties }: { readonly content: Buffer; readonly properties: { readonly headers?: unknown } }): Delivery {
  const headers = Object.entries(properties.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    ['string', 'number', 'boolean'].includes(typeof value) ? [[name.toLowerCase(), String(value)]] : [],
  )
  return { bytes: content, headers: new Map(headers) }
}

/** The hosts, beginning with another one each time. */
function rotated(hosts: Address['hosts'], by: number): Address['hosts'] {
  const start = by % hosts.length
  return [...hosts.slice(start), ...hosts.slice(0, start)]
}

async function firstOf<Host, T>(hosts: readonly Host[], connect: (host: Host) => Promise<T>): Promise<T> {
  const [host, ...others] = hosts
  try {
    return await connect(host as Host)
  } catch (error) {
    if (others.length === 0) throw error
    return firstOf(others, connect)
  }
}
