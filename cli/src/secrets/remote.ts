import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Auth, Tls } from '@carillon/client'
import type { Cipher, CipherContext } from '@carillon/environment/ciphers'
import { type ConnectionArguments, connectionOf } from '../connection.js'
import { CommandError } from '../failure.js'
import { say } from '../talk.js'
import { isSealed } from './texts.js'

/** A cipher whose keys are elsewhere. */
export type TextCipher = Pick<Cipher, 'encrypt' | 'decrypt'>

interface Asking {
  readonly servers: readonly string[]
  readonly auth: Auth | undefined
  readonly tls: Tls | undefined
  readonly timeoutMs: number
}

const TIMEOUT = 10
/** More than any secret has. */
const MAX_BYTES = 4 * 1024 * 1024

/** The cipher of a server, a Carillon or a Spring Cloud Config Server, over its /encrypt and /decrypt. Throws 'usage' for a connection that cannot be meant. */
export async function remoteCipher(args: ConnectionArguments, servers: readonly string[]): Promise<TextCipher> {
  const { auth, tls } = await connectionOf(args, process.env)
  const asking = { servers: servers.map(baseOf), auth, tls, timeoutMs: (args.timeout ?? TIMEOUT) * 1000 }
  for (const server of asking.servers) warnOfPlainText(server)
  return {
    encrypt: async (text, context) => {
      const sealed = isSealed(text)
      const made = await ask(asking, 'encrypt', sealed ? `${nameOf(context)}${text}` : text)
      // A Spring server takes {gcm:1} for a name of its own and writes what nobody could read.
      if (sealed && !looksSealed(made))
        throw new CommandError('refused', 'The server has no sealed cipher, which only Carillon has: expected no --sealed.')
      return made
    },
    decrypt: (text, context) => ask(asking, 'decrypt', isSealed(text) ? `${nameOf(context)}${text}` : text),
  }
}

function nameOf({ property = '' }: CipherContext = {}): string {
  return `{name:${property}}`
}

/** Base64url, and not hex or the base64 of Spring. */
function looksSealed(made: string): boolean {
  const payload = made.replace(/^(?:\{[^{}]*\})*/, '')
  return /^[\w-]+$/.test(payload) && !/^[0-9a-f]+$/.test(payload)
}

function baseOf(server: string): string {
  if (!/^https?:$/.test(URL.canParse(server) ? new URL(server).protocol : ''))
    throw new CommandError('usage', `--server is '${server}', expected an address such as https://config.example.org.`)
  return server.replace(/\/+$/, '')
}

function warnOfPlainText(server: string): void {
  const { protocol, hostname } = new URL(server)
  if (protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname))
    say(`${hostname} is asked over http: others on the way can read the text`)
}

/** Asks one server after the other until one answers. */
async function ask(asking: Asking, action: 'encrypt' | 'decrypt', text: string): Promise<string> {
  const troubles: string[] = []
  for (const server of asking.servers) {
    try {
      return textOf(server, await post(`${server}/${action}`, text, asking))
    } catch (error) {
      if (error instanceof CommandError) throw error
      troubles.push(`${server} cannot be reached (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
    }
  }
  throw new CommandError('unreachable', `${troubles.join('; ')}.`)
}

interface Posted {
  readonly status: number
  readonly body: string
}

function post(url: string, text: string, { auth, tls, timeoutMs }: Asking): Promise<Posted> {
  const body = Buffer.from(text)
  const headers = {
    // Exactly this: for any other type a final `=` is taken for that of a form.
    'content-type': 'text/plain',
    'content-length': body.length,
    ...(auth === undefined ? {} : { authorization: authorization(auth) }),
  }
  const options = { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? tlsRequest(url, { ...options, ...pemOf(tls) }) : plainRequest(url, options)
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BYTES) response.destroy(new Error('too large'))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
    })
    request.end(body)
  })
}

function pemOf(tls: Tls = {}): Readonly<Record<string, string | Buffer>> {
  return Object.fromEntries(Object.entries(tls).map(([name, pem]) => [name, typeof pem === 'string' ? pem : Buffer.from(pem)]))
}

function authorization(auth: Auth): string {
  if ('bearer' in auth) return `Bearer ${String(auth.bearer)}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}

/** Of a refusal only the description is told, which is the server's own and holds nothing that was sent. */
function textOf(server: string, { status, body }: Posted): string {
  if (status === 200) return body
  if (status === 401 || status === 403)
    throw new CommandError('unauthorized', `${server} answers ${status}. Set CARILLON_USERNAME and CARILLON_PASSWORD, or CARILLON_TOKEN.`)
  const description = descriptionOf(body)
  if (description !== undefined && status >= 400 && status < 500) throw new CommandError('undecipherable', `${server}: ${description}`)
  throw new CommandError('bad-answer', `${server} answers ${status}: expected a text.`)
}

function descriptionOf(body: string): string | undefined {
  try {
    const { description } = JSON.parse(body) as { readonly description?: unknown }
    return typeof description === 'string' ? description : undefined
  } catch {
    return undefined
  }
}
