import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '../errors.js'
import type { Tls } from '../options.js'
import { messageOf } from './trouble.js'

/** Connections that are kept for the next question. */
export interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
  /** Idempotent. Ends connections that nobody uses any more. */
  readonly close: () => void
}

/** More are never needed at once, because no more questions are let through. */
const POOL = { keepAlive: true, maxSockets: 16, maxFreeSockets: 2 }
/** How long connections outlive the last remote (ms): another one that is opened right then finds them. */
const GRACE = 50

/** Connections with certificates of one's own. Throws 'bad-options' for keys and certificates that cannot be read. */
export function ownAgents(tls: Tls): Agents {
  const { http, https, end } = makeAgents(checked(tls))
  return { http, https, close: end }
}

const common = { ...makeAgents({}), users: new Set<object>(), ending: undefined as NodeJS.Timeout | undefined }

/** Connections that all remotes of the process share which want nothing special, as all calls of `fetch` do. */
export function sharedAgents(): Agents {
  const user = {}
  common.users.add(user)
  clearTimeout(common.ending)
  return {
    http: common.http,
    https: common.https,
    close: () => {
      if (!common.users.delete(user) || common.users.size > 0) return
      common.ending = setTimeout(common.end, GRACE).unref()
    },
  }
}

/** TLS options are read when a connection is made; who gives broken ones learns it before. */
function checked(tls: Tls): Pem {
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

type Pem = { readonly [K in keyof Tls]: string | Buffer }

function makeAgents(pem: Pem) {
  const [http, https] = [new HttpAgent(POOL), new HttpsAgent({ ...POOL, ...pem })]
  const end = (): void => {
    http.destroy()
    https.destroy()
  }
  return { http, https, end }
}
