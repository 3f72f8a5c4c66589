import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ServerError } from './errors.js'
import type { ServerSettings } from './settings/settings.js'
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
  const server = settings.tls === undefined ? createServer(listener) : createTlsServer(await tlsOptions(settings.tls), listener)
  const host = settings.address ?? (reach === 'all' ? '::' : '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, settings.port, cause)))
    server.listen({ port: settings.port, host }, resolve)
  })
  const { port } = server.address() as AddressInfo
  const shown = host === '::' || host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return {
    url: `${settings.tls === undefined ? 'http' : 'https'}://${shown}:${port}`,
    close: (graceMs) => closeGently(server, graceMs),
  }
}

async function closeGently(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs).unref()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
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
