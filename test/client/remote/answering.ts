import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../../../client/src/errors.js'
import { openRemote, type RemoteOptions } from '../../../client/src/remote/open.js'
import type { Question, Remote, RemoteDocument } from '../../../client/src/remote/remote.js'

/** A real server that answers what a test says, and remembers what it was asked. */
export interface Answering {
  readonly url: string
  readonly port: number
  readonly requests: readonly IncomingMessage[]
  /** Connections that were made. */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

const open: (() => unknown)[] = []

/** For `afterEach`: closes what was opened since. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()))
}

/** Has something closed after the test, too. */
export function closing(close: () => unknown): void {
  open.push(close)
}

/** Listens on a free port. With `tls` over https. */
export async function answering(answer: RequestListener, tls?: ServerOptions): Promise<Answering> {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    answer(request, response)
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  open.push(close)
  const url = `${tls === undefined ? 'http' : 'https'}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`
  return { url, port, requests, connections: () => connections, close }
}

/** A remote that is closed after the test. */
export function remoteOf(options: RemoteOptions): Remote {
  const remote = openRemote({ names: ['orders'], profiles: ['prod'], ...options })
  open.push(remote.close)
  return remote
}

/** Asks without having anything. Rejects with what the remote rejects with, and where it says that nothing changed. */
export async function documentOf(remote: Remote, question: Partial<Question> = {}): Promise<RemoteDocument> {
  const reply = await remote.ask({ signal: new AbortController().signal, ...question })
  if (reply.kind === 'unchanged') throw new Error('unchanged')
  return reply.document
}

/** What a question ends with. */
export async function errorOf(asked: Promise<unknown>): Promise<ConfigError> {
  try {
    await asked
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('there was an answer')
}

/** The keys of all sources with their values, weaker ones covered. */
export function valuesOf({ sources }: RemoteDocument): Readonly<Record<string, unknown>> {
  const entries = sources.toReversed().flatMap(({ properties }) => Array.from(properties, ([key, { value }]) => [key, value] as const))
  return Object.fromEntries(entries)
}

/** An environment with one source. */
export function environment(values: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name: 'orders', profiles: ['prod'], propertySources: [{ name: 'orders.yml', source: values }], ...more })
}

export function sendJson(
  response: ServerResponse,
  body: string,
  more: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): void {
  response.writeHead(more.status ?? 200, { 'content-type': 'application/json', ...more.headers }).end(body)
}

/** A listener that always answers this. */
export const always =
  (body: string, more: { status?: number; headers?: Readonly<Record<string, string>> } = {}): RequestListener =>
  (_, response) =>
    sendJson(response, body, more)

/** A port of loopback on which nobody listens. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await answering(() => {})
  await close()
  return url
}
