import { createHmac } from 'node:crypto'
import { canary } from '../../../../scripts/canary.mjs'
import type { ProviderName } from '../../../../server/src/refresh/webhooks/providers.js'
import type { HookRequest, WebhookOptions } from '../../../../server/src/refresh/webhooks/receive.js'
import { receiveWebhook } from '../../../../server/src/refresh/webhooks/receive.js'
import type { HookResult } from '../../../../server/src/refresh/webhooks/result.js'

export const SECRET = canary('hook')
export const OLD_SECRET = canary('oldhook')
/** A key of Standard Webhooks. */
export const SIGNING_KEY = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
export const NOW = Date.UTC(2026, 0, 1)
export const COMMIT = '1'.repeat(40)
export const ZEROS = '0'.repeat(40)

/** A memory of deliveries without a clock of its own: a second implementation of the seam. */
function remembering(): WebhookOptions['deliveries'] {
  const known = new Set<string>()
  return {
    isNew: (provider, id) => {
      const key = `${provider} ${id}`
      const isNew = !known.has(key)
      known.add(key)
      return isNew
    },
    close: () => undefined,
  }
}

export function optionsWith(given: Partial<WebhookOptions> = {}): WebhookOptions {
  return {
    secrets: [SECRET, OLD_SECRET, SIGNING_KEY],
    branches: [],
    tolerance: 300,
    deliveries: remembering(),
    now: () => NOW,
    newReference: () => 'd-1',
    ...given,
  }
}

export interface Delivery {
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: object | string
  readonly caller?: HookRequest['caller']
}

export function deliver(
  provider: ProviderName,
  { headers = {}, body = {}, caller = 'anyone' }: Delivery,
  options = optionsWith(),
): HookResult {
  return receiveWebhook(provider, { headers: { 'content-type': 'application/json', ...headers }, body: bytesOf(body), caller }, options)
}

export function bytesOf(body: object | string): Buffer {
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The digest that hosts compute: HMAC-SHA256 in hexadecimal. */
export function hex(body: object | string, secret = SECRET): string {
  return createHmac('sha256', secret).update(bytesOf(body)).digest('hex')
}

export interface Signing {
  readonly id?: string
  readonly at?: number
  readonly key?: string
}

/** The headers of Standard Webhooks. */
export function standardHeaders(
  body: object | string,
  { id = 'msg-1', at = NOW, key = SIGNING_KEY }: Signing = {},
): Readonly<Record<string, string>> {
  const seconds = String(at / 1000)
  const raw = Buffer.from(key.replace('whsec_', ''), 'base64')
  const digest = createHmac('sha256', raw).update(`${id}.${seconds}.`).update(bytesOf(body)).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${digest}` }
}
