import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError } from '../errors.js'
import type { Auth } from '../options.js'
import { basic, type Server } from './servers.js'
import { messageOf } from './trouble.js'

/** The credentials for a server, asked for each question. */
export interface Authorization {
  /** The header; `undefined` for none. Rejects with 'unreachable' where a function that gives a token fails: there may be one later. */
  readonly headerFor: (server: Server) => Promise<string | undefined>
  /** Whether asking once more may give another token. */
  readonly renewable: boolean
}

/**
 * What discovery says goes before `auth`, and that before the uri, as in Spring's client; an `authorization` among the headers (by lower-case name) goes
 * before what comes with a server. Throws 'bad-options' where `auth` and headers both say who asks.
 */
export function authorizationOf(auth: Auth | undefined, headers: Readonly<Record<string, string>>): Authorization {
  checkHeaders(auth, headers)
  const given = giver(auth)
  return {
    headerFor: async ({ credentials }) => {
      if (headers.authorization !== undefined) return headers.authorization
      if (credentials?.from === 'metadata') return credentials.header
      return (await given?.()) ?? credentials?.header
    },
    renewable: auth !== undefined && 'bearer' in auth && typeof auth.bearer === 'function',
  }
}

function giver(auth: Auth | undefined): (() => Promise<string>) | undefined {
  if (auth === undefined) return undefined
  if ('username' in auth) return async () => basic(auth.username, auth.password)
  const { bearer } = auth
  return async () => `Bearer ${typeof bearer === 'string' ? bearer : await tokenOf(bearer)}`
}

async function tokenOf(bearer: () => string | Promise<string>): Promise<string> {
  try {
    const token: unknown = await bearer()
    if (typeof token !== 'string' || token === '') throw new Error(`it gave ${token === '' ? 'an empty text' : typeof token}`)
    validateHeaderValue('authorization', token)
    return token
  } catch (cause) {
    throw new ConfigError('unreachable', `\`auth.bearer\` gave no token: ${messageOf(cause)}`, { cause })
  }
}

function checkHeaders(auth: Auth | undefined, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    checkHeader(`headers: '${name}'`, () => {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    })
    if (auth !== undefined && name === 'authorization') {
      throw new ConfigError('bad-options', 'Both `auth` and `headers` say who asks: expected one of them.')
    }
  }
  if (auth !== undefined && 'bearer' in auth && typeof auth.bearer === 'string') {
    const { bearer } = auth
    checkHeader('auth.bearer', () => validateHeaderValue('authorization', bearer))
  }
}

/** What Node.js says names the header, and not its value. */
function checkHeader(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new ConfigError('bad-options', `${what} cannot be sent: ${messageOf(error)}`)
  }
}
