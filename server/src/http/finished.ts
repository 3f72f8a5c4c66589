import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Pin } from '../sources/source.js'
import type { Access } from './access.js'
import { type Answer, matches, notModified } from './answer.js'
import { type AskedHeaders, askedHeaders } from './asked.js'
import { isMadeFrom } from './at-least.js'
import type { Metrics, Tally } from './metrics.js'

/** The table of finished answers in front of everything else: a request whose answer is known costs a lookup and a write. */
export interface FinishedAnswers {
  /** Writes and counts the answer if it is known, still holds and may be given; says whether it did. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Keeps an answer for requests like this one. Does nothing for one that may not be kept. */
  readonly keep: (request: Pick<IncomingMessage, 'url' | 'rawHeaders'>, answer: Answer, route: string) => void
  /** What a request asks for: equal texts have equal answers. `undefined` where that takes more thought, and for who may not ask. */
  readonly question: (request: IncomingMessage) => string | undefined
}

export interface FinishedOptions {
  readonly access: Access
  readonly metrics: Metrics
  readonly maxBytes?: number
}

interface Finished {
  readonly etag: string | undefined
  readonly body: Buffer
  readonly pins: readonly Pin[]
  readonly whole: Ready
  readonly notModified: Ready
}

/** Raw header lists, ready to be written, with what counts them. */
interface Ready {
  readonly headers: string[]
  readonly tally: Tally
}

const MAX_KEY = 4_096
/** Objects and header lists of an entry (bytes). */
const OVERHEAD = 2_048

/** Bounded by bytes. What decides an answer besides its snapshots is its key: target, `Accept` and encoding, as they were sent. */
export function createFinishedAnswers({ access, metrics, maxBytes = 64 * 1024 * 1024 }: FinishedOptions): FinishedAnswers {
  const table = new LRUCache<string, Finished>({ maxSize: maxBytes, maxEntrySize: maxBytes / 4 })
  const mayBeServed = (request: IncomingMessage, { special, authorization }: AskedHeaders): boolean =>
    (request.method === 'GET' || request.method === 'HEAD') && !special && access.allows(authorization)
  return {
    serve: (request, response) => {
      const asked = askedHeaders(request)
      if (!mayBeServed(request, asked)) return false
      const finished = table.get(keyOf(request.url, asked))
      if (finished === undefined || !finished.pins.every(isCurrent)) return false
      if (asked.atLeast !== undefined && !isMadeFrom(finished.pins, asked.atLeast)) return false
      write(finished, { noneMatch: asked.noneMatch, method: request.method ?? 'GET', response })
      return true
    },
    keep: (request, answer, route) => {
      const asked = askedHeaders(request)
      const key = keyOf(request.url, asked)
      if (!mayBeKept(answer) || asked.special || key.length > MAX_KEY) return
      const finished = {
        etag: answer.headers.etag,
        body: answer.body,
        pins: answer.pins ?? [],
        whole: { headers: rawHeaders(answer), tally: metrics.tally(route, 200) },
        notModified: { headers: rawHeaders(notModified(answer)), tally: metrics.tally(route, 304) },
      }
      table.set(key, finished, { size: answer.body.length + key.length * 2 + OVERHEAD })
    },
    question: (request) => {
      const asked = askedHeaders(request)
      return mayBeServed(request, asked) ? `${keyOf(request.url, asked)}\n${asked.atLeast ?? ''}` : undefined
    },
  }
}

function keyOf(url: string | undefined, { accept, encoding }: AskedHeaders): string {
  return `${url}\n${accept}\n${encoding}`
}

/** An answer with a date is not: whether it is new to a client is more than a comparison of tags. */
function mayBeKept({ status, pins, modified }: Answer): boolean {
  return status === 200 && pins !== undefined && pins.length > 0 && modified === undefined
}

function isCurrent(pin: Pin): boolean {
  return pin.isCurrent()
}

interface Writing {
  readonly noneMatch: string | undefined
  readonly method: string
  readonly response: ServerResponse
}

function write(finished: Finished, { noneMatch, method, response }: Writing): void {
  const fresh = noneMatch !== undefined && matches(noneMatch, finished.etag)
  const { headers, tally } = fresh ? finished.notModified : finished.whole
  tally.count++
  response.writeHead(fresh ? 304 : 200, headers)
  response.end(fresh || method === 'HEAD' ? undefined : finished.body)
}

function rawHeaders({ headers, status, body }: Answer): string[] {
  const pairs = Object.entries(headers).flat()
  return status === 304 ? pairs : [...pairs, 'content-length', String(body.length)]
}
