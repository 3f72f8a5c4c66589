import type { IncomingMessage } from 'node:http'
import { ServerError } from '../errors.js'
import type { Access } from './access.js'
import { type Answer, encoded, preferredEncoding } from './answer.js'
import type { BusEndpoints } from './bus-endpoints.js'
import { encryptionAnswer } from './encryption.js'
import { type EndpointOptions, environmentAnswer, renderedAnswer } from './endpoints.js'
import { type Health, healthReport } from './health.js'
import type { Hooks } from './hooks.js'
import type { Metrics } from './metrics.js'
import { problemOf } from './problem.js'
import { resourceAnswer } from './resource.js'
import { type Route, route as routeOf } from './routes.js'
import { parseTarget, type Target } from './target.js'

export interface DispatchOptions extends EndpointOptions {
  readonly prefix: string
  /** Endpoints below `/actuator` that are answered; `*` for all. */
  readonly exposure: readonly string[]
  readonly access: Access
  readonly health: Health
  readonly metrics: Metrics
  /** What hosts of repositories call; they check access themselves, because hosts sign instead of giving credentials. */
  readonly hooks?: Hooks
  /** What operators call to tell instances; behind access checks and exposure. */
  readonly bus?: BusEndpoints
  /** Told of every request that the server could not answer as it should. */
  readonly onFailure: (error: unknown, path: string) => void
  readonly now?: () => Date
}

/** An answer with the kind of route that gave it, for the metrics. */
export interface Dispatched {
  readonly answer: Answer
  readonly route: string
}

type AskedRequest = Pick<IncomingMessage, 'url' | 'method' | 'headers'>

/** Answers any request; what goes wrong becomes a problem answer. */
export async function dispatch(options: DispatchOptions, request: IncomingMessage): Promise<Dispatched> {
  let kind = 'none'
  try {
    const target = parseTarget(request.url ?? '')
    const hook = options.hooks?.answer(request, target)
    if (hook !== undefined) {
      kind = 'hook'
      return { answer: withCommonHeaders(await hook), route: kind }
    }
    const route = routeOf(target, options.prefix)
    kind = route?.kind ?? kind
    requireAccess(options.access, request, route)
    if (route === undefined) throw new ServerError('not-found', `Nothing is served at '${target.path}'.`)
    const asking = { route, target, headers: request.headers }
    const answer = await (busAnswer(options, route, request) ?? answerTo(options, asking, request))
    return { answer: withCommonHeaders(await encoded(answer, preferredEncoding(request.headers['accept-encoding']))), route: kind }
  } catch (error) {
    return { answer: withCommonHeaders(failure(options, error, request)), route: kind }
  }
}

function busAnswer(options: DispatchOptions, route: Route, request: IncomingMessage): Promise<Answer> | undefined {
  return route.kind === 'actuator' && isExposed(options, route.endpoint[0]) ? options.bus?.answer(request, route.endpoint) : undefined
}

function isExposed({ exposure }: DispatchOptions, endpoint = ''): boolean {
  return exposure.includes('*') || exposure.includes(endpoint)
}

interface Asking {
  readonly route: Route
  readonly target: Target
  readonly headers: IncomingMessage['headers']
}

async function answerTo(options: DispatchOptions, { route, ...asked }: Asking, request: IncomingMessage): Promise<Answer> {
  const { method = 'GET' } = request
  if (route.kind === 'actuator' && !isExposed(options, route.endpoint[0])) throw noSuchEndpoint(route.endpoint)
  const methods = methodsOf(route)
  if (method === 'OPTIONS') return { status: 200, headers: { allow: methods.join(',') }, body: Buffer.alloc(0) }
  if (!methods.includes(method)) {
    throw new ServerError('method-not-allowed', `${method} is not understood here: expected ${methods.join(', ')}.`)
  }
  switch (route.kind) {
    case 'environment':
      return environmentAnswer(options, { route, ...asked })
    case 'rendered':
      return renderedAnswer(options, { route, ...asked })
    case 'resource':
      return resourceAnswer(options, { route, ...asked })
    case 'actuator':
      return actuatorAnswer(options, route.endpoint, asked.headers.authorization)
    case 'encryption':
      return encryptionAnswer(options.secrets, route, request)
    default:
      return route satisfies never
  }
}

function methodsOf(route: Route): readonly string[] {
  const takesText = route.kind === 'encryption' && (route.action === 'encrypt' || route.action === 'decrypt')
  return takesText ? ['POST', 'OPTIONS'] : ['GET', 'HEAD', 'OPTIONS']
}

/** Everything needs credentials where there are any, except what a load balancer asks. */
function requireAccess(access: Access, { headers }: AskedRequest, route: Route | undefined): void {
  if (route?.kind === 'actuator' && route.endpoint[0] === 'health') return
  if (!access.allows(headers.authorization)) throw new ServerError('unauthorized', 'Credentials are needed (Basic authentication).')
}

async function actuatorAnswer(options: DispatchOptions, endpoint: readonly string[], authorization: string | undefined): Promise<Answer> {
  const [name = '', ...rest] = endpoint
  if (name === 'health') {
    const report = await healthReport(options.health, rest, options.access.allows(authorization) ? 'all' : 'status')
    if (report !== undefined) return json(report.httpStatus, report.body)
  }
  if (name === 'prometheus' && rest.length === 0) {
    return { status: 200, headers: { 'content-type': options.metrics.contentType }, body: Buffer.from(await options.metrics.text()) }
  }
  throw noSuchEndpoint(endpoint)
}

function noSuchEndpoint(endpoint: readonly string[]): ServerError {
  return new ServerError('not-found', `There is no exposed endpoint '/actuator/${endpoint.join('/')}'.`)
}

function failure(options: DispatchOptions, error: unknown, request: AskedRequest): Answer {
  const path = request.url?.split('?')[0] ?? ''
  const problem = problemOf(error, { path, now: options.now?.() ?? new Date() })
  if (problem.status >= 500) options.onFailure(error, path)
  const answer = json(problem.status, problem)
  return { ...answer, headers: { ...answer.headers, ...HEADERS_OF_PROBLEMS[problem.code] } }
}

const HEADERS_OF_PROBLEMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  unauthorized: { 'www-authenticate': 'Basic realm="carillon", charset="UTF-8"' },
  'method-not-allowed': { allow: 'GET,HEAD,OPTIONS' },
  'not-ready': { 'retry-after': '2' },
  lagging: { 'retry-after': '1' },
  'bus-away': { 'retry-after': '5' },
  'snapshot-gone': { 'retry-after': '1' },
}

function json(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

/** Every answer may be kept, but only used after asking again, unless it says otherwise; none is to be guessed at by a browser. */
function withCommonHeaders(answer: Answer): Answer {
  return {
    ...answer,
    headers: { 'cache-control': 'no-cache', ...answer.headers, vary: 'Accept, Accept-Encoding', 'x-content-type-options': 'nosniff' },
  }
}
