import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ConfigError } from '../errors.js'
import type { Tls } from '../options.js'
import { type Agents, ownAgents, sharedAgents } from './agents.js'
import type { Exchange, Received, Sent } from './exchange.js'
import { troubleOf } from './trouble.js'

export interface HttpOptions {
  readonly tls?: Tls | undefined
  /** Milliseconds until a connection stands, TLS and all. */
  readonly connectMs: number
}

/** Bytes; configuration shrinks to a tenth, so that the default would come in hundreds of pieces. */
const CHUNK = 65_536

/** HTTP of Node.js, over connections that are kept. Throws 'bad-options' for keys and certificates that cannot be read. */
export function openHttp({ tls, connectMs }: HttpOptions): Exchange {
  const agents = tls === undefined ? sharedAgents() : ownAgents(tls)
  const send = (sent: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const request = open(sent, agents)
      limitConnecting(request, sent.url, connectMs)
      sent.signal.addEventListener('abort', () => request.destroy(sent.signal.reason), { once: true })
      request.on('response', (response) => resolve(receivedOf(response)))
      request.on('error', (error) => {
        if (sent.signal.aborted) return reject(sent.signal.reason)
        // The server had closed a kept connection just then: the next one is another, and at last a new one.
        if (request.reusedSocket && isCutOff(error)) return resolve(send(sent))
        reject(troubleOf(error))
      })
      request.end()
    })
  return { send, close: agents.close }
}

function open({ url, headers }: Sent, { http, https }: Agents): ClientRequest {
  const options = { headers: { 'accept-encoding': 'gzip', ...headers } }
  return url.protocol === 'https:' ? httpsRequest(url, { ...options, agent: https }) : httpRequest(url, { ...options, agent: http })
}

function limitConnecting(request: ClientRequest, { protocol }: URL, connectMs: number): void {
  request.on('socket', (socket) => {
    if (request.reusedSocket) return
    const late = () => request.destroy(new ConfigError('unreachable', `no connection within ${connectMs} ms`))
    const timer = setTimeout(late, connectMs)
    const stop = () => clearTimeout(timer)
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', stop)
    request.once('response', stop).once('close', stop)
  })
}

function isCutOff(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

function receivedOf(response: IncomingMessage): Received {
  const header = (name: string): string | undefined => {
    const value = response.headers[name]
    return typeof value === 'object' ? value.join(', ') : value
  }
  // What happens after nobody listens any more is nobody's trouble.
  response.on('error', () => {})
  return { status: response.statusCode ?? 0, header, body: decoded(response, header('content-encoding')), drop: () => drop(response) }
}

/** What has come as a whole is let go of, and its connection stays; what is still coming is cut off. */
function drop(response: IncomingMessage): void {
  if (response.complete) response.resume()
  else response.destroy()
}

async function* decoded(response: IncomingMessage, coding = 'identity'): AsyncGenerator<Uint8Array> {
  if (coding === 'identity') return yield* response
  if (coding !== 'gzip') throw new ConfigError('bad-response', `its body is encoded as '${coding}', expected gzip or nothing`)
  yield* pipeline(response, createGunzip({ chunkSize: CHUNK }), () => {})
}
