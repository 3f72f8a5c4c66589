import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { ServerError } from './errors.js'
import type { ServerSettings, TlsSettings } from './settings/settings.js'
import { tlsOptions } from './tls.js'

/** A server that listens. */
export interface Listening {
  /** With the port that was really taken. */
  readonly url: string
  /** Stops taking connections, lets running requests finish for at most `graceMs`, then cuts them off. */
  readonly close: (graceMs: number) => Promise<void>
}

/** Listens where the settings say; without an address on loopback unless `open`. Throws `invalid-settings` where that cannot be done. */
export async function listen(listener: RequestListener, settings: ServerSettings, reach: 'loopback' | 'all'): Promise<Listening> {
  const server = settings.tls === undefined ? createServer(listener) : await openTls(settings.tls, listener)
  const connections = trackConnections(server, settings.tls === undefined ? 'connection' : 'secureConnection')
  const host = settings.address ?? (reach === 'all' ? '::' : '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, settings.port, cause)))
    server.listen({ port: settings.port, host }, resolve)
  })
  const { port } = server.address() as AddressInfo
  const shown = host === '::' || host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return {
    url: `${settings.tls === undefined ? 'http' : 'https'}://${shown}:${port}`,
    close: (graceMs) => closeGently(server, connections, graceMs),
  }
}

/** The files can be read and still not fit together: a wrong password, a key of another certificate. */
async function openTls(settings: TlsSettings, listener: RequestListener): Promise<Server> {
  const options = await tlsOptions(settings)
  try {
    return createTlsServer(options, listener)
  } catch (cause) {
    throw new ServerError('invalid-settings', `server.ssl: the certificate or key store cannot be used: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** What a connection was doing when it was last looked at. */
interface Connection {
  waiting: number
  /** Bytes that had come when the last request was answered: more of them are a request that has begun. */
  answered: number
}

/** The open connections. Over TLS they count once they are secure: only then can they ask. */
function trackConnections(server: Server, event: 'connection' | 'secureConnection'): ReadonlyMap<Socket, Connection> {
  const connections = new Map<Socket, Connection>()
  server.on(event, (socket: Socket) => {
    connections.set(socket, { waiting: 0, answered: event === 'connection' ? 0 : socket.bytesRead })
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    const connection = connections.get(socket)
    if (connection === undefined) return
    connection.waiting++
    response.once('close', () => {
      connection.waiting--
      connection.answered = socket.bytesRead
      if (connection.waiting === 0 && !server.listening) socket.end()
    })
  })
  return connections
}

/** Who has begun to ask gets an answer; a connection that says nothing holds nobody up. */
async function closeGently(server: Server, connections: ReadonlyMap<Socket, Connection>, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs).unref()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const [socket, { waiting, answered }] of connections) {
    if (waiting === 0 && socket.bytesRead === answered) socket.destroy()
  }
  await closed
  clearTimeout(cut)
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ServerError {
  const why =
    cause.code === 'EADDRINUSE'
      ? 'another program listens there; choose another with --port, or --port 0 for any free one'
      : cause.code === 'EACCES'
        ? 'this user may not listen there; choose a port above 1023 with --port'
        : cause.message
  return new ServerError('invalid-settings', `Cannot listen on ${host}:${port}: ${why}.`, { cause })
}
