import type { IncomingMessage } from 'node:http'
import { EnvironmentError } from '@carillon/environment'
import type { Cipher } from '@carillon/environment/ciphers'
import { ServerError } from '../errors.js'
import type { Secrets } from '../sources/secrets.js'
import { textType } from './accept.js'
import type { Answer } from './answer.js'
import { readBody } from './body.js'
import type { Route } from './routes.js'
import { textOf } from './sent-text.js'

/** What Spring answers where a text cannot be encrypted or decrypted. */
interface Refusal {
  readonly http: number
  readonly status: 'NO_KEY' | 'NOT_FOUND' | 'INVALID' | 'BAD_REQUEST' | 'TOO_LARGE'
  readonly description: string
}

export type EncryptionRoute = Extract<Route, { kind: 'encryption' }>

/** Far more than a secret has, certificates and key stores among them. */
const MAX_BYTES = 1024 * 1024

const NO_KEY: Refusal = { http: 404, status: 'NO_KEY', description: 'No key was installed for encryption service' }
const NO_PUBLIC_KEY: Refusal = { http: 404, status: 'NOT_FOUND', description: 'No public key available' }
const TOO_LARGE: Refusal = { http: 413, status: 'TOO_LARGE', description: `The text has more than ${MAX_BYTES} bytes` }
const NOT_SUPPORTED: Refusal = { http: 400, status: 'BAD_REQUEST', description: 'Server-side decryption is not supported' }

/** `/encrypt`, `/decrypt`, `/key` and `/encrypt/status`. Nothing of what was sent or found stands in an error or a log. */
export async function encryptionAnswer(secrets: Secrets, route: EncryptionRoute, request: IncomingMessage): Promise<Answer> {
  const cipher = secrets.cipher()
  switch (route.action) {
    case 'status':
      return cipher === undefined ? refused(NO_KEY) : json(200, { status: 'OK' })
    case 'key': {
      const key = cipher?.publicKey()
      return key === undefined ? refused(NO_PUBLIC_KEY) : text(key, request)
    }
    case 'encrypt':
    case 'decrypt':
      return translated(cipher, route.action, request)
    default:
      return route.action satisfies never
  }
}

async function translated(cipher: Cipher | undefined, action: 'encrypt' | 'decrypt', request: IncomingMessage): Promise<Answer> {
  const contentType = request.headers['content-type']
  const body = await readBody(request, MAX_BYTES)
  if (body === 'too-large') return { ...refused(TOO_LARGE), headers: { ...refused(TOO_LARGE).headers, connection: 'close' } }
  if (contentType === undefined) throw new ServerError('invalid-request', 'The header Content-Type is missing: expected text/plain.')
  const sent = textOf({ body, contentType, action })
  if (sent === undefined) throw new ServerError('invalid-request', 'The body is empty or is no form: expected a text.')
  if (cipher === undefined) return refused(NO_KEY)
  try {
    return text(await cipher[action](sent), request)
  } catch (error) {
    if (error instanceof EnvironmentError) return refused(refusalOf(error, action))
    throw error
  }
}

function refusalOf({ code, message }: EnvironmentError, action: 'encrypt' | 'decrypt'): Refusal {
  switch (code) {
    case 'no-private-key':
      return NOT_SUPPORTED
    case 'no-such-key':
      return action === 'decrypt' ? NOT_SUPPORTED : { http: 400, status: 'BAD_REQUEST', description: message }
    case 'invalid-selector':
      return { http: 400, status: 'BAD_REQUEST', description: message }
    default:
      return { http: 400, status: 'INVALID', description: 'Text not encrypted with this key' }
  }
}

function text(body: string, { headers }: IncomingMessage): Answer {
  return { status: 200, headers: { 'content-type': textType(headers.accept), ...UNKEPT }, body: Buffer.from(body) }
}

function refused({ http, status, description }: Refusal): Answer {
  return json(http, { description, status })
}

function json(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json', ...UNKEPT }, body: Buffer.from(JSON.stringify(body)) }
}

const UNKEPT = { 'cache-control': 'no-store' }
