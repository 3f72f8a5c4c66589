import type { Config, Health, Version } from './config.js'
import type { ConfigError } from './errors.js'

export interface ActuatorOptions {
  /** What the endpoints stand below. Default: `/actuator`. */
  readonly path?: string
  /** Which there are. Default: `health` and `refresh`. */
  readonly endpoints?: readonly ActuatorEndpoint[]
  /** Whether `health` says more than the status: versions and keys, never values. Default: `always`. */
  readonly details?: 'always' | 'never'
}

export type ActuatorEndpoint = 'health' | 'info' | 'refresh'

/** Answers a request, or leaves it (`undefined`) to who comes next. */
export type Actuator = (request: Request) => Promise<Response | undefined>

/** What is needed of a configuration. */
export type ActuatorConfig = Pick<Config<unknown>, 'health' | 'refresh'>

interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly answer: (config: ActuatorConfig, details: 'always' | 'never') => Response | Promise<Response>
}

const all: Readonly<Record<ActuatorEndpoint, Endpoint>> = {
  health: { method: 'GET', answer: (config, details) => answerHealth(config.health(), details) },
  info: { method: 'GET', answer: (config) => answerInfo(config.health()) },
  refresh: { method: 'POST', answer: answerRefresh },
}

/**
 * Spring Boot's endpoints for one configuration: `GET health` (200, 503 once closed), `POST refresh` (a JSON list of the keys that changed) and `GET info`. Who may ask
 * is the application's affair.
 */
export function actuator(config: ActuatorConfig, options: ActuatorOptions = {}): Actuator {
  const { path = '/actuator', endpoints = ['health', 'refresh'], details = 'always' } = options
  const below = `/${path}`.replace(/\/+/g, '/').replace(/\/$/, '')
  const known = new Map(endpoints.map((name) => [`${below}/${name}`, all[name]]))
  return async ({ method, url }) => {
    const endpoint = known.get(new URL(url).pathname)
    if (endpoint === undefined) return undefined
    if (method === endpoint.method) return endpoint.answer(config, details)
    if (method === 'HEAD' && endpoint.method === 'GET') return withoutBody(await endpoint.answer(config, details))
    return json(405, { error: 'Method Not Allowed' }, { allow: endpoint.method === 'GET' ? 'GET, HEAD' : 'POST' })
  }
}

/** DEGRADED is no reason to take an instance away: it runs, on what was good last. */
function answerHealth({ status, details }: Health, show: 'always' | 'never'): Response {
  const components = { config: { status, details: statusOf(details) } }
  return json(status === 'DOWN' ? 503 : 200, show === 'always' ? { status, components } : { status })
}

function answerInfo({ details: { applied, source, stale } }: Health): Response {
  return json(200, { config: { ...versionOf(applied), source, stale } })
}

async function answerRefresh(config: ActuatorConfig): Promise<Response> {
  const result = await config.refresh()
  switch (result.status) {
    case 'applied':
      return json(200, result.keys)
    case 'unchanged':
      return json(200, [])
    case 'rejected': {
      // What a schema says may hold values; where it says it, does not.
      const paths = result.issues.map(({ path = [] }) =>
        path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
      )
      return json(500, {
        ...problem('Internal Server Error', 'invalid', 'The new configuration was refused; the one before stays in use.'),
        paths,
      })
    }
    case 'failed':
      return failed(result.error)
    default:
      return result satisfies never
  }
}

function failed({ code, message, retryAfterMs }: ConfigError): Response {
  const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return json(503, problem('Service Unavailable', code, message), headers)
}

function problem(error: string, code: string, message: string) {
  return { error, code, message }
}

/** An error is told by its code: what it says is for the log. */
function statusOf({ source, bus, applied, wanted, stale, lastCheck, lastError, restartRequired }: Health['details']) {
  return {
    source,
    bus,
    applied: versionOf(applied),
    ...(wanted === undefined ? {} : { wanted: versionOf(wanted) }),
    stale,
    ...(lastCheck === undefined ? {} : { lastCheck: lastCheck.toISOString() }),
    ...(lastError === undefined ? {} : { lastError: lastError.code }),
    restartRequired,
  }
}

function versionOf({ commit, label, digest }: Version) {
  return { commit, label, digest }
}

function json(status: number, body: unknown, more: Readonly<Record<string, string>> = {}): Response {
  const text = JSON.stringify(body)
  const length = String(Buffer.byteLength(text))
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json', 'content-length': length, 'cache-control': 'no-store', ...more },
  })
}

function withoutBody({ status, headers }: Response): Response {
  return new Response(null, { status, headers })
}
