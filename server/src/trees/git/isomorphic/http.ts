import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import type { Dispatcher, request } from 'undici'
import { findCredentials, findProxy, type RemoteOptions } from '../address.js'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  /** Where the answer came from, after redirects. */
  readonly url: URL
  readonly status: number
  readonly contentType: string
  readonly body: AsyncIterable<Uint8Array>
}

/** Asks one remote. Sends the credentials to its origin only, wherever redirects lead. */
export interface Http {
  request(request: HttpRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 5
/** Git tells a waiting client every 5 s that it is still packing, which is also the usual timeout. */
const PACKING_PATIENCE = 3

/** A client for one remote. Reads the certificate file at the first request. */
export function openHttp(options: RemoteOptions): Http {
  const { origin } = new URL(options.uri)
  const authorization = findAuthorization(options)
  // Begun with the first remote: local repositories never need it, and nobody who asks waits for the 70 ms of the main thread that it takes.
  import('undici').catch(() => undefined)
  let connection: Promise<Connection> | undefined

  const send = async ({ method, url, headers, body, signal }: HttpRequest) => {
    // A certificate file that could not be read may be there next time.
    connection ??= connect(options).catch((error: unknown) => {
      connection = undefined
      throw error
    })
    const { dispatcher, request } = await connection
    const silence = options.timeout * 1000 * (method === 'POST' ? PACKING_PATIENCE : 1)
    const credentials = authorization !== undefined && url.origin === origin ? { authorization } : {}
    return request(url, {
      dispatcher,
      method,
      signal,
      headers: { 'user-agent': 'git/2 (carillon)', ...headers, ...credentials },
      ...(body === undefined ? {} : { body }),
      headersTimeout: silence,
      bodyTimeout: silence,
    })
  }
  const ask = async (asked: HttpRequest, redirects: number): Promise<HttpAnswer> => {
    const { statusCode, headers, body } = await send(asked)
    const location = REDIRECTS.has(statusCode) && asked.method === 'GET' ? headers.location : undefined
    if (typeof location !== 'string')
      return { url: asked.url, status: statusCode, contentType: String(headers['content-type'] ?? ''), body }
    await body.dump()
    if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`)
    return ask({ ...asked, url: follow(asked.url, location) }, redirects + 1)
  }

  return {
    request: (first) => ask(first, 0),
    async close() {
      await (await connection?.catch(() => undefined))?.dispatcher.destroy()
    },
  }
}

function follow(from: URL, location: string): URL {
  const next = new URL(location, from)
  if (next.protocol === 'https:' || next.protocol === from.protocol) return next
  throw new Error(`a redirect from ${from.protocol} to ${next.protocol} is not followed`)
}

function findAuthorization(options: RemoteOptions): string | undefined {
  const found = findCredentials(options)
  return found && `Basic ${Buffer.from(`${found.username}:${found.password}`).toString('base64')}`
}

interface Connection {
  readonly dispatcher: Dispatcher
  readonly request: typeof request
}

async function connect(options: RemoteOptions): Promise<Connection> {
  const undici = await import('undici')
  return { dispatcher: await openDispatcher(options, undici), request: undici.request }
}

async function openDispatcher(options: RemoteOptions, { Agent, ProxyAgent }: typeof import('undici')): Promise<Dispatcher> {
  const { protocol } = new URL(options.uri)
  const timeout = options.timeout * 1000
  const ca = options.trustCertificate === undefined ? undefined : [...rootCertificates, await readFile(options.trustCertificate, 'utf8')]
  const tls = { timeout, rejectUnauthorized: !options.skipSslValidation, ...(ca === undefined ? {} : { ca }) }
  const proxy = findProxy(options)
  if (proxy === undefined) return new Agent({ connect: tls })
  const token =
    proxy.username === undefined ? undefined : `Basic ${Buffer.from(`${proxy.username}:${proxy.password ?? ''}`).toString('base64')}`
  return new ProxyAgent({
    uri: `http://${proxy.authority}`,
    ...(token === undefined ? {} : { token }),
    requestTls: tls,
    proxyTls: { timeout },
    connect: { timeout },
    // Proxies are asked for plain http in full, and rarely let CONNECT reach port 80.
    proxyTunnel: protocol === 'https:',
  })
}
