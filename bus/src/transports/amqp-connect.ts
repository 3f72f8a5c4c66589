import { connect as connectSocket, isIP } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import { BusError, textOf } from '../errors.js'
import type { Credentials } from './address.js'
import { handshakeTrouble } from './handshake.js'
import type { Line } from './session.js'

/** Whom to connect to, and the line that hears of the end. */
export interface AmqpTarget {
  readonly host: string
  readonly port: number
  readonly vhost: string
  readonly credentials: Credentials | undefined
  readonly tls: TlsOptions | undefined
  /** Seconds. */
  readonly heartbeat: number
  readonly timeout: number
  readonly line: Line
}

/** A connection with one channel on it, that confirms what is published. */
export interface AmqpChannel {
  readonly channel: ConfirmChannel
  readonly close: () => Promise<void>
}

/** Connects to one host. When the line's signal is aborted the socket goes, whatever state it is in. Throws 'broker-refused' or 'not-connected'. */
export async function connectAmqp(target: AmqpTarget): Promise<AmqpChannel> {
  const { connect } = await import('amqplib')
  const { host, port, line, timeout } = target
  const where = `RabbitMQ at ${host}:${port}`
  // Node's sockets heed a signal that comes, not one that is there already.
  line.signal.throwIfAborted()
  try {
    const connection = await connect(addressOf(target), { ...socketOf(target), timeout, noDelay: true })
    watchConnection(connection, { line, where })
    const channel = await connection.createConfirmChannel()
    watchChannel(channel, { line, where })
    return { channel, close: () => connection.close() }
  } catch (cause) {
    throw troubleOf(cause, target)
  }
}

function troubleOf(cause: unknown, { host, port, credentials, vhost, tls }: AmqpTarget): BusError {
  const where = `RabbitMQ at ${host}:${port}`
  const text = textOf(cause)
  const who = `user ${credentials?.user ?? 'guest'}, virtual host ${vhost}`
  if (/ACCESS[_-]REFUSED|NOT_ALLOWED|\b40[23]\b|\b530\b/.test(text))
    return new BusError('broker-refused', `${where} refused the connection (${who}): ${text}`, { cause })
  // The library keeps to itself what the broker says in answer to the name of a virtual host.
  if (/expected ConnectionOpenOk/i.test(text))
    return new BusError('broker-refused', `${where} does not open the virtual host: it does not exist, or is not for this user (${who})`, {
      cause,
    })
  const hint = tls === undefined && /ECONNRESET|closed abruptly/.test(text) ? '; it may expect TLS (amqps://)' : ''
  return handshakeTrouble(where, cause) ?? new BusError('not-connected', `Cannot connect to ${where}: ${text}${hint}`, { cause })
}

function addressOf({ host, port, vhost, credentials, tls, heartbeat }: AmqpTarget) {
  const { user, password } = credentials ?? { user: 'guest', password: 'guest' }
  const protocol = tls ? 'amqps' : 'amqp'
  return { protocol, hostname: host, port, username: user, password, vhost: encodeURIComponent(vhost), heartbeat }
}

/** The socket's options. TLS takes no signal, so it gets a socket that has one. */
function socketOf({ host, port, tls, line }: AmqpTarget) {
  const { signal } = line
  if (!tls) return { signal }
  const socket = connectSocket({ host, port, signal })
  socket.on('error', () => {})
  return { ...tls, ...(isIP(host) ? {} : { servername: host }), socket }
}

interface Watch {
  readonly line: Line
  readonly where: string
}

function watchConnection(connection: ChannelModel, { line, where }: Watch): void {
  const lost = (error?: Error) =>
    line.end(new BusError('connection-lost', `The connection to ${where} was lost: ${error ? textOf(error) : 'closed'}`, { cause: error }))
  connection.on('error', lost)
  connection.on('close', lost)
  connection.on('blocked', (reason) => {
    const blocked = new BusError('broker-refused', `${where} takes no messages for now: ${reason}`)
    line.tell(blocked)
    line.refuse(blocked)
  })
  connection.on('unblocked', () => line.refuse(undefined))
}

function watchChannel(channel: ConfirmChannel, { line, where }: Watch): void {
  channel.on('error', (error) => {
    // What the broker says of it names the exchange or queue, what was asked for and what is there.
    const refused = REFUSALS.includes(Number(codeOf(error)))
    const message = `The channel to ${where} was lost: ${textOf(error)}`
    line.end(new BusError(refused ? 'broker-refused' : 'connection-lost', message, { cause: error }))
  })
  channel.on('close', () => line.end(new BusError('connection-lost', `The channel to ${where} was closed`)))
}

/** AMQP's reply codes for: no right to, locked by another connection, there already but of another kind. */
const REFUSALS = [403, 405, 406]

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}
