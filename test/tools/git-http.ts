import { spawn } from 'node:child_process'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Readable } from 'node:stream'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
}

/**
 * What the server does with requests: serve Git, hold them without an answer, answer a status, redirect below another URL, break off, drip a byte now and
 * then, answer garbage; or give the real answer byte by byte (`every` so many ms), half of it, or with damage.
 */
export type Behaviour = (
  | { readonly kind: 'serve' | 'hang' | 'break' | 'drip' | 'garbage' | 'cut' | 'damage' }
  | { readonly kind: 'trickle'; readonly every: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'redirect'; readonly to: string }
) & {
  /** Milliseconds that each request is held before. */
  readonly hold?: number
  /** Lists of refs are given as they are, and only packs are concerned. */
  readonly on?: 'pack'
}

export interface GitHttpOptions {
  /** The folder that holds the repositories. */
  readonly root: string
  readonly user?: { readonly name: string; readonly password: string }
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface GitHttpServer {
  readonly url: string
  readonly port: number
  readonly requests: readonly SeenRequest[]
  /** Requests that were begun and are not answered yet. */
  pending(): number
  behave(behaviour: Behaviour): void
  /** Breaks all connections off and takes none, until it comes back at the same address. */
  vanish(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** A real Git server over HTTP on loopback: `git http-backend` behind `node:http`. */
export async function startGitHttp({ root, user, tls }: GitHttpOptions): Promise<GitHttpServer> {
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const expected = user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
  let behaviour: Behaviour = { kind: 'serve' }
  let pending = 0

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization })
    pending += 1
    response.on('close', () => {
      pending -= 1
    })
    const isRight = behaviour.on === 'pack' && request.method !== 'POST'
    const { hold, ...now } = isRight ? ({ kind: 'serve', hold: undefined } as const) : behaviour
    if (hold === undefined) act(now, request, response)
    else setTimeout(() => !response.destroyed && act(now, request, response), hold)
  }
  const act = (now: Behaviour, request: IncomingMessage, response: ServerResponse) => {
    if (misbehave(now, request, response)) return
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?')
      return
    }
    serve({ root, behaviour: now }, request, response)
  }
  const server = tls === undefined ? createHttpServer(answer) : createTlsServer(tls, answer)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const listenAt = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listenAt(0)
  const { port } = server.address() as AddressInfo
  const vanish = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    pending: () => pending,
    behave(next) {
      behaviour = next
    },
    vanish,
    comeBack: () => listenAt(port),
    close: vanish,
  }
}

/** What needs the real answer first. */
const SERVED: ReadonlySet<Behaviour['kind']> = new Set(['serve', 'cut', 'damage', 'trickle'])

function misbehave(behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): boolean {
  if (SERVED.has(behaviour.kind)) return false
  if (behaviour.kind === 'status') response.writeHead(behaviour.status).end('no')
  if (behaviour.kind === 'redirect') response.writeHead(302, { location: `${behaviour.to}${request.url}` }).end()
  if (behaviour.kind === 'break') request.socket.destroy()
  if (behaviour.kind === 'garbage')
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end('zzzz garbage')
  if (behaviour.kind === 'drip') drip(response)
  return true
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
  const timer = setInterval(() => response.write('0'), 100)
  response.on('close', () => clearInterval(timer))
}

interface Serving {
  readonly root: string
  readonly behaviour: Behaviour
}

function serve({ root, behaviour }: Serving, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'],
      // JGit compresses what it asks.
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // A client that went away is no trouble of the server.
  backend.stdin.on('error', () => undefined)
  request.pipe(backend.stdin)
  response.on('close', () => backend.kill())
  let head = Buffer.alloc(0)
  const readHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    backend.stdout.off('data', readHead)
    writeHead(response, head.toString('latin1', 0, end))
    backend.stdout.off('end', endEmpty)
    pour(backend.stdout, response, { first: head.subarray(end + 4), behaviour })
  }
  const endEmpty = () => response.end()
  backend.stdout.on('data', readHead)
  backend.stdout.on('end', endEmpty)
}

interface Poured {
  readonly first: Buffer
  readonly behaviour: Behaviour
}

/** Sends what Git answers, or what the behaviour makes of it. */
function pour(answer: Readable, response: ServerResponse, { first, behaviour }: Poured): void {
  if (behaviour.kind === 'serve') {
    response.write(first)
    answer.pipe(response)
    return
  }
  const chunks = [first]
  answer.on('data', (chunk: Buffer) => chunks.push(chunk))
  answer.on('end', () => {
    const whole = Buffer.concat(chunks)
    if (behaviour.kind === 'trickle') trickle(response, whole, behaviour.every)
    else if (behaviour.kind === 'cut') response.write(whole.subarray(0, whole.length / 2), () => response.destroy())
    else response.end(damaged(whole))
  })
}

/** Of a list of refs the protocol is damaged, of a pack what is in it. */
function damaged(whole: Buffer): Buffer {
  const pack = whole.indexOf('PACK')
  const at = pack < 0 ? 0 : pack + 20
  return Buffer.concat([whole.subarray(0, at), Buffer.from([(whole[at] ?? 0) ^ 0xff]), whole.subarray(at + 1)])
}

function trickle(response: ServerResponse, bytes: Buffer, every: number): void {
  let at = 0
  const timer = setInterval(() => (at < bytes.length ? response.write(bytes.subarray(at, ++at)) : response.end()), every)
  response.on('close', () => clearInterval(timer))
}

function writeHead(response: ServerResponse, head: string): void {
  for (const line of head.split('\r\n')) {
    const [name = '', value = ''] = line.split(': ')
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10)
    else response.setHeader(name, value)
  }
}
