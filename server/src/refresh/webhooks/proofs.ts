import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type HookHeaders, headerOf } from './headers.js'

/** How a host shows that it knows the secret: where the proof stands, and whether it holds. */
export interface Proof {
  /** As people write it, for messages. */
  readonly name: string
  /** What the host sent: `undefined` where this kind of proof was not given, `''` where the host has no secret. */
  readonly given: (headers: HookHeaders) => string | undefined
  /** Why the proof does not hold, `undefined` where it does. */
  readonly flaw: (given: string, delivered: Delivered) => string | undefined
}

/** What a proof is about. */
export interface Delivered {
  readonly headers: HookHeaders
  /** As it came, before any decoding. */
  readonly body: Buffer
  readonly secrets: readonly string[]
  /** How far a signed time may be from now (seconds). */
  readonly tolerance: number
  /** In ms since 1970. */
  readonly now: number
}

/** GitHub, Gitea and others: HMAC-SHA256 over the raw body. The header without `-256` is SHA-1 and proves nothing. */
export const hub256 = signed('X-Hub-Signature-256', { prefix: 'sha256=', among: [] })
/** Bitbucket: GitHub's old name with the new digest. With any other digest it is no proof at all. */
export const hub = signed('X-Hub-Signature', { prefix: 'sha256=', among: ['sha1='] })
/** Gitea: the bare digest; empty where the hook has no secret. */
export const gitea = signed('X-Gitea-Signature', { prefix: '', among: [] })
/** Gogs: as Gitea. */
export const gogs = signed('X-Gogs-Signature', { prefix: '', among: [] })
/** GitLab: the secret itself. */
export const gitlabToken = token('X-Gitlab-Token')
/** Gitee: the secret itself. */
export const giteeToken = token('X-Gitee-Token')
/** For hosts and scripts that can send a fixed header and nothing else. */
export const ownToken = token('X-Carillon-Token')

/** Standard Webhooks, which GitLab's signing tokens follow: `v1,<base64>` over `id.timestamp.body`, several with spaces between them. */
export const standard: Proof = {
  name: 'webhook-signature',
  given: (headers) => headerOf(headers, 'webhook-signature'),
  flaw: (given, delivered) => {
    const { headers, body, secrets, tolerance, now } = delivered
    const id = headerOf(headers, 'webhook-id') ?? ''
    const timestamp = headerOf(headers, 'webhook-timestamp') ?? ''
    if (id === '' || !/^\d{1,12}$/.test(timestamp)) return 'webhook-signature needs webhook-id, and webhook-timestamp in seconds since 1970'
    const away = Math.abs(now / 1000 - Number(timestamp))
    if (away > tolerance) return `webhook-timestamp is ${Math.round(away)} s away from the time here: expected at most ${tolerance} s`
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
    const digests = given
      .split(' ')
      .filter((part) => part.startsWith('v1,'))
      .map((part) => Buffer.from(part.slice(3), 'base64'))
    const holds = secrets.map((secret) => holdsOne(digests, hmac(signingKey(secret), content)))
    return holds.includes(true) ? undefined : mismatch('webhook-signature', body)
  },
}

interface Form {
  readonly prefix: string
  /** Prefixes of proofs of other kinds that stand in the same header. */
  readonly among: readonly string[]
}

function signed(name: string, { prefix, among }: Form): Proof {
  return {
    name,
    given: (headers) => {
      const given = headerOf(headers, name.toLowerCase())
      if (given === undefined || among.some((other) => given.startsWith(other))) return undefined
      // Gitea signs with nothing where it has no secret: the prefix, and no digest behind it.
      return given === prefix ? '' : given
    },
    flaw: (given, { body, secrets }) => {
      const hex = given.startsWith(prefix) ? given.slice(prefix.length) : ''
      if (!/^[0-9a-f]{64}$/i.test(hex)) return `${name} is not ${prefix}<64 hexadecimal digits>`
      const digest = Buffer.from(hex, 'hex')
      const holds = secrets.map((secret) => timingSafeEqual(hmac(secret, body), digest))
      return holds.includes(true) ? undefined : mismatch(name, body)
    },
  }
}

function token(name: string): Proof {
  return {
    name,
    given: (headers) => headerOf(headers, name.toLowerCase()),
    flaw: (given, { secrets }) => {
      const holds = secrets.map((secret) => timingSafeEqual(sha256(secret), sha256(given)))
      return holds.includes(true) ? undefined : `${name} is not a live secret`
    },
  }
}

function holdsOne(digests: readonly Buffer[], expected: Buffer): boolean {
  return digests.map((digest) => digest.length === expected.length && timingSafeEqual(digest, expected)).includes(true)
}

/** Keys of Standard Webhooks are written in base64 behind `whsec_`. */
function signingKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
}

function hmac(key: string | Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest()
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The size helps to see that something on the way changed the body. */
function mismatch(name: string, body: Buffer): string {
  return `${name} does not fit the ${body.length} bytes of the body under any live secret`
}
