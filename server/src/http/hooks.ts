import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { type MonitorOptions, receiveMonitor } from '../refresh/monitor/receive.js'
import type { Caller } from '../refresh/webhooks/authenticity.js'
import { createDeliveries } from '../refresh/webhooks/deliveries.js'
import { type ProviderName, providers } from '../refresh/webhooks/providers.js'
import { receiveWebhook } from '../refresh/webhooks/receive.js'
import { type Hint, type HookOutcome, type HookResult, refusal } from '../refresh/webhooks/result.js'
import type { MonitorSettings } from '../settings/settings.js'
import type { Access } from './access.js'
import type { Answer } from './answer.js'
import { readBody } from './body.js'
import type { Target } from './target.js'
import { tracedBy } from './trace.js'

/** The routes that hosts of repositories call. */
export interface Hooks {
  /** The answer to a request to a hook; `undefined` where path and method are no hook's. It never waits for what a hint starts. */
  readonly answer: (request: IncomingMessage, target: Target) => Promise<Answer> | undefined
  /** Idempotent. */
  readonly close: () => void
}

export interface HooksOptions {
  readonly monitor: MonitorSettings
  readonly access: Access
  /** Called once the answer is decided. */
  readonly onHint: (hint: Hint) => void
  /** Told of every delivery, for metrics. */
  readonly onDelivery?: (delivery: HookDelivery) => void
  readonly log: { readonly warn: (fields: object, message: string) => void }
  readonly maxBytes?: number
  /** In ms since 1970. */
  readonly now?: () => number
  readonly newReference?: () => string
}

export type HookName = 'monitor' | ProviderName

/** What became of one delivery; `reference` is the one in the answer. */
export interface HookDelivery {
  readonly hook: HookName
  readonly outcome: HookOutcome
  readonly reason?: string
  readonly reference?: string
}

/** The largest delivery that any host sends is GitHub's. */
const MAX_BYTES = 25 * 1024 * 1024

/** Serves `POST …/monitor` and `POST /webhooks/{host}`. */
export function createHooks(options: HooksOptions): Hooks {
  const { monitor, now = Date.now, maxBytes = MAX_BYTES } = options
  const deliveries = createDeliveries({ now })
  const ignoredPaths = monitor.ignoredPaths.map((pattern) => new RegExp(pattern))
  const receiving: MonitorOptions = { ...options, ...monitor, ignoredPaths, deliveries }
  const warn = once(() => options.log.warn({}, UNCHECKED))
  const answer = async (hook: HookName, request: IncomingMessage, path: string): Promise<Answer> => {
    const caller = callerOf(options.access, request.headers.authorization)
    if (monitor.secrets.length === 0 && caller === 'anyone') warn()
    const body = await readBody(request, maxBytes)
    const result =
      body === 'too-large' ? refusal(413, `The body has more than ${maxBytes} bytes.`) : receive(hook, { request, body, caller }, receiving)
    passOn(hook, traced(result, request), options)
    return answerOf(result, { path, now: new Date(now()) })
  }
  return {
    answer: (request, target) => {
      const hook = hookOf(target, monitor.path)
      if (hook === undefined) return undefined
      if (request.method === 'POST') return answer(hook, request, target.path)
      // Longer paths are environments for any other method: an application may be called "webhooks".
      return target.segments.length === 1
        ? Promise.resolve(otherMethod(request.method, { path: target.path, now: new Date(now()) }))
        : undefined
    },
    close: () => deliveries.close(),
  }
}

const UNCHECKED = 'Webhooks are not authenticated: anybody who reaches this server can make it look. Give carillon.webhooks.secrets.'

function hookOf({ segments }: Target, monitorPath: string): HookName | undefined {
  const expected = monitorPath.slice(1).split('/')
  if (segments.length === expected.length && expected.every((segment, index) => segments[index] === segment)) return 'monitor'
  const [first, name = '', ...rest] = segments
  return first === 'webhooks' && rest.length === 0 && isProvider(name) ? name : undefined
}

function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(providers, name)
}

function callerOf(access: Access, authorization: string | undefined): Caller {
  if (access.allows(undefined)) return 'anyone'
  return access.allows(authorization) ? 'known' : 'unknown'
}

interface Received {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly caller: Caller
}

function receive(hook: HookName, { request, body, caller }: Received, options: MonitorOptions): HookResult {
  const { headers, url = '' } = request
  if (hook !== 'monitor') return receiveWebhook(hook, { headers, body, caller }, options)
  const mark = url.indexOf('?')
  return receiveMonitor({ headers, body, caller, query: mark === -1 ? '' : url.slice(mark + 1) }, options)
}

/** What follows from a request belongs to its trace. */
function traced(result: HookResult, { headers }: IncomingMessage): HookResult {
  return result.hint === undefined ? result : { ...result, hint: { ...result.hint, ...tracedBy(headers) } }
}

/** Hints start after the answer is on its way, and whoever takes them cannot spoil it. */
function passOn(hook: HookName, { outcome, reason, reference, hint }: HookResult, { log, onDelivery, onHint }: HooksOptions): void {
  const delivery = { hook, outcome, ...(reason === undefined ? {} : { reason }), ...(reference === undefined ? {} : { reference }) }
  if (outcome === 'refused') log.warn(delivery, `A delivery to ${hook} was refused: ${reason}`)
  setImmediate(() => {
    try {
      onDelivery?.(delivery)
      if (hint !== undefined) onHint(hint)
    } catch (error) {
      log.warn({ hook, error }, 'A delivery was taken, but acting on it failed.')
    }
  })
}

interface Asked {
  readonly path: string
  readonly now: Date
}

function answerOf({ status, body }: HookResult, { path, now }: Asked): Answer {
  const isRefused = status >= 400
  return {
    status,
    headers: { 'content-type': 'application/json', ...HEADERS_OF_REFUSALS[status] },
    body: Buffer.from(JSON.stringify(isRefused ? { timestamp: now.toISOString(), ...body, path } : body)),
  }
}

const HEADERS_OF_REFUSALS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'www-authenticate': 'Basic realm="carillon", charset="UTF-8"' },
  413: { connection: 'close' },
  415: { accept: 'application/json, application/x-www-form-urlencoded' },
}

function otherMethod(method = '', { path, now }: Asked): Answer {
  const headers = { allow: 'POST,OPTIONS' }
  if (method === 'OPTIONS') return { status: 200, headers, body: Buffer.alloc(0) }
  const body = {
    timestamp: now.toISOString(),
    status: 405,
    error: STATUS_CODES[405],
    message: `${method} is not understood here: expected POST.`,
    path,
  }
  return { status: 405, headers: { ...headers, 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

function once(act: () => void): () => void {
  const state = { done: false }
  return () => {
    if (!state.done) act()
    state.done = true
  }
}
