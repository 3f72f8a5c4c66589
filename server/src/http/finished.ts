import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Pin } from '../sources/source.js'
import { type Answer, matches, notModified } from './answer.js'

/** The table of finished answers in front of everything else: a request whose answer is known costs a lookup and a write. */
export interface FinishedAnswers {
  /** Writes the answer if it is known and still holds; its route and status then, `undefined` otherwise. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => { readonly route: string; readonly status: number } | undefined
  /** Keeps an answer for requests like this one. Does nothing for one that may not be kept. */
  readonly keep: (request: Pick<IncomingMessage, 'url' | 'headers'>, answer: Answer, route: string) => void
}

interface Finished {
  readonly route: string
  readonly etag: string | undefined
  readonly body: Buffer
  readonly pins: readonly Pin[]
  /** Raw header lists, ready to be written. */
  readonly headers: string[]
  readonly notModifiedHeaders: string[]
}

const MAX_KEY = 4_096

/** Bounded by bytes. What decides an answer besides its snapshots is its key: target, `Accept` and encoding, as they were sent. */
export function createFinishedAnswers({ maxBytes = 64 * 1024 * 1024 } = {}): FinishedAnswers {
  const table = new LRUCache<string, Finished>({ maxSize: maxBytes, maxEntrySize: maxBytes / 4 })
  return {
    serve: (request, response) => {
      const finished = table.get(keyOf(request))
      if (finished === undefined || isSpecial(request)) return undefined
      for (const pin of finished.pins) {
        if (!pin.isCurrent()) return undefined
      }
      return write(finished, request, response)
    },
    keep: (request, answer, route) => {
      const key = keyOf(request)
      if (
        answer.status !== 200 ||
        answer.pins === undefined ||
        answer.pins.length === 0 ||
        answer.modified !== undefined ||
        key.length > MAX_KEY
      )
        return
      const finished = {
        route,
        etag: answer.headers.etag,
        body: answer.body,
        pins: answer.pins,
        headers: rawHeaders(answer),
        notModifiedHeaders: rawHeaders(notModified(answer)),
      }
      table.set(key, finished, { size: answer.body.length + key.length * 2 + 2_048 })
    },
  }
}

function keyOf({ url, headers }: Pick<IncomingMessage, 'url' | 'headers'>): string {
  return `${url}\n${headers.accept ?? ''}\n${headers['accept-encoding'] ?? ''}`
}

/** Requests that need more thought than the table gives. */
function isSpecial({ headers }: IncomingMessage): boolean {
  return headers['accept-charset'] !== undefined || headers['x-carillon-at-least'] !== undefined
}

function write(
  finished: Finished,
  request: IncomingMessage,
  response: ServerResponse,
): { readonly route: string; readonly status: number } {
  const noneMatch = request.headers['if-none-match']
  if (noneMatch !== undefined && matches(noneMatch, finished.etag)) {
    response.writeHead(304, finished.notModifiedHeaders)
    response.end()
    return { route: finished.route, status: 304 }
  }
  response.writeHead(200, finished.headers)
  response.end(request.method === 'HEAD' ? undefined : finished.body)
  return { route: finished.route, status: 200 }
}

function rawHeaders({ headers, status, body }: Answer): string[] {
  const pairs = Object.entries(headers).flat()
  return status === 304 ? pairs : [...pairs, 'content-length', String(body.length)]
}
