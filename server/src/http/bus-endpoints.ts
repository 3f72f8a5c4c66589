import type { IncomingMessage } from 'node:http'
import { ServerError } from '../errors.js'
import type { Ring } from '../refresh/ring.js'
import type { Answer } from './answer.js'
import { readBody } from './body.js'
import { problemOf } from './problem.js'
import { tracedBy } from './trace.js'

/** The endpoints of Spring Cloud Bus below `/actuator`. */
export interface BusEndpoints {
  /** The answer to `busrefresh` and `busenv`; `undefined` for other endpoints, and where there is no bus. */
  readonly answer: (request: IncomingMessage, endpoint: readonly string[]) => Promise<Answer> | undefined
}

/** A body is a few names and values. */
const MAX_BYTES = 1024 * 1024
const JSON_TYPE = /^application\/(json|vnd\.spring-boot\.actuator\.v[23]\+json)\s*(;|$)/i

/**
 * `POST /actuator/busrefresh[/{destination…}]` and `POST /actuator/busenv[/{destination…}]`: 204 says that the broker has the event, 503 that it is away
 * (Spring answers 204 all the same). Further segments are joined by `:`; an empty one means nothing, where Spring's reaches nobody.
 */
export function createBusEndpoints(ring: () => Ring | undefined): BusEndpoints {
  return {
    answer: (request, [name, ...segments]) => {
      const joined = ring()
      if (joined === undefined || (name !== 'busrefresh' && name !== 'busenv')) return undefined
      return post(request, async () => {
        const destination = segments.filter((segment) => segment !== '').join(':')
        const to = destination === '' ? undefined : destination
        if (name === 'busrefresh') {
          await readOptionalJson(request)
          await published(joined.refresh(to, tracedBy(request.headers)))
        } else {
          await published(joined.changeEnvironment(to, changeOf(await readJson(request)), tracedBy(request.headers)))
        }
        return { status: 204, headers: {}, body: Buffer.alloc(0) }
      })
    },
  }
}

async function post(request: IncomingMessage, answer: () => Promise<Answer>): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 200, headers: { allow: 'POST,OPTIONS' }, body: Buffer.alloc(0) }
  if (request.method === 'POST') return answer()
  const refusal = new ServerError('method-not-allowed', `${request.method} is not understood here: expected POST.`)
  const problem = problemOf(refusal, { path: request.url?.split('?')[0] ?? '', now: new Date() })
  const headers = { allow: 'POST,OPTIONS', 'content-type': 'application/json' }
  return { status: problem.status, headers, body: Buffer.from(JSON.stringify(problem)) }
}

async function published(publishing: Promise<void>): Promise<void> {
  try {
    await publishing
  } catch (cause) {
    throw new ServerError('bus-away', 'The broker does not take the event: it is away, or did not confirm it in time.', { cause })
  }
}

/** A body that is not there has no type either, however it was announced. */
async function readOptionalJson(request: IncomingMessage): Promise<void> {
  const bytes = await readBody(request, MAX_BYTES)
  if (bytes.length > 0) parseJson(request, bytes)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  return parseJson(request, await readBody(request, MAX_BYTES))
}

function parseJson({ headers }: IncomingMessage, bytes: Buffer | 'too-large'): unknown {
  const type = headers['content-type'] ?? ''
  if (!JSON_TYPE.test(type)) throw new ServerError('unsupported-type', `The body is '${type}': expected application/json.`)
  if (bytes === 'too-large') throw new ServerError('invalid-request', `The body has more than ${MAX_BYTES} bytes.`)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new ServerError('invalid-request', 'The body is no JSON.', { cause })
  }
}

/** `{"name": "k", "value": "v"}`; numbers and booleans become text, as in Spring. */
function changeOf(body: unknown): ReadonlyMap<string, string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ServerError('invalid-request', 'The body is no JSON object.')
  return new Map([[textOf(body, 'name'), textOf(body, 'value')]])
}

function textOf(body: object, member: 'name' | 'value'): string {
  const value = Object.hasOwn(body, member) ? (body as Readonly<Record<string, unknown>>)[member] : undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ServerError('invalid-request', `The body has no text called '${member}'.`)
}
