import { X509Certificate } from 'node:crypto'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream'
import { createSecureContext } from 'node:tls'
import { createGunzip } from 'node:zlib'
import { ConfigError } from '../errors.js'
import type { Tls } from '../options.js'
import type { Exchange, Received, Sent } from './exchange.js'
import { messageOf, troubleOf } from './trouble.js'

export interface HttpOptions {
  readonly tls?: Tls | undefined
  /** Milliseconds until a connection stands, TLS and all. */
  readonly connectMs: number
}

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent }

/** Bytes; configuration shrinks to a tenth, so that the default would come in hundreds of pieces. */
const CHUNK = 65_536
/** More are never needed at once, because no more questions are let through. */
const POOL = { keepAlive: true, maxSockets: 16, maxFreeSockets: 2 }

/** HTTP of Node.js, over connections that are kept. Throws 'bad-options' for keys and certificates that cannot be read. */
export function openHttp({ tls, connectMs }: HttpOptions): Exchange {
  const agents = { http: new HttpAgent(POOL), https: new HttpsAgent({ ...POOL, ...(tls === undefined ? {} : checked(tls)) }) }
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
  return {
    send,
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function open({ url, headers }: Sent, { http, https }: Agents): ClientRequest {
  const options = { headers: { 'accept-encoding': 'gzip', ...headers } }
  return url.protocol === 'https:' ? httpsRequest(url, { ...options, agent: https }) : httpRequest(url, { ...options, agent: http })
}

/** TLS options are read when a connection is made; who gives broken ones learns it before. */
function checked(tls: Tls): { readonly ca?: string | Buffer; readonly cert?: string | Buffer; readonly key?: string | Buffer } {
  const pem = Object.fromEntries(
    Object.entries(tls)
      .filter(([, given]) => given !== undefined)
      .map(([name, given]: [string, string | Uint8Array]) => [name, typeof given === 'string' ? given : Buffer.from(given)]),
  )
  try {
    createSecureContext(pem)
    // A text without any certificate would pass, and leave nobody to be trusted.
    if (pem.ca !== undefined) new X509Certificate(pem.ca)
    return pem
  } catch (error) {
    throw new ConfigError('bad-options', `tls: the certificates or the key cannot be used: ${messageOf(error)}`, {
      hint: 'They are expected as PEM, and not as paths; the key without a passphrase.',
    })
  }
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
