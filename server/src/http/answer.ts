import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib'
import type { Pin } from '../sources/source.js'

/** A whole answer as data. Header names are in lower case; `content-length` is left to the writer. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** In ms since 1970, where a date says something. */
  readonly modified?: number
  /** The answer holds while all of them are current; absent where it must be made anew each time. */
  readonly pins?: readonly Pin[]
}

export type Encoding = 'br' | 'gzip' | 'identity'

/** A validator over the bytes, for answers that name no commit. */
export function strongEtag(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
}

/** The best encoding that the client takes and we prepare. */
export function preferredEncoding(header: string | undefined): Encoding {
  if (header === undefined) return 'identity'
  const accepted = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  const takes = (name: string): boolean => (accepted.get(name) ?? accepted.get('*') ?? 0) > 0
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity'
}

/** Below this many bytes compressing costs more than it saves. */
const MIN_COMPRESSED = 1_024

/** The same answer in another encoding, with a validator of its own where the validator speaks of bytes. */
export async function encoded(answer: Answer, encoding: Encoding): Promise<Answer> {
  if (
    encoding === 'identity' ||
    answer.body.length < MIN_COMPRESSED ||
    !/^(text\/|application\/(.*\+)?json)/.test(answer.headers['content-type'] ?? '')
  ) {
    return answer
  }
  const body = await compressed(answer.body, encoding)
  const { etag } = answer.headers
  const headers = {
    ...answer.headers,
    'content-encoding': encoding,
    ...(etag?.startsWith('"') ? { etag: `${etag.slice(0, -1)}-${encoding}"` } : {}),
  }
  return { ...answer, headers, body }
}

/** Up to this many bytes it takes less time than handing it to another thread. */
const QUICK = 32 * 1024

async function compressed(body: Buffer, encoding: Exclude<Encoding, 'identity'>): Promise<Buffer> {
  const found = body.length <= QUICK ? compressors[encoding].now(body) : await compressors[encoding].apart(body)
  // What zlib gives holds on to a whole chunk, however short it is; answers are kept.
  return Buffer.from(found)
}

const compressors = {
  br: {
    now: (body: Buffer) => brotliCompressSync(body, brotliOptions(body)),
    apart: (body: Buffer) => promisify(brotliCompress)(body, brotliOptions(body)),
  },
  gzip: { now: (body: Buffer) => gzipSync(body, chunks(body)), apart: (body: Buffer) => promisify(gzip)(body, chunks(body)) },
}

function brotliOptions(body: Buffer) {
  return { ...chunks(body), params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }
}

/** Hardly any answer is more than half as long when it is compressed. */
function chunks(body: Buffer): { readonly chunkSize: number } {
  return { chunkSize: Math.min(Math.ceil(body.length / 2), 64 * 1024) }
}

/** Headers that say what a body is; an answer without one must not have them. */
const OF_BODY = new Set(['content-type', 'content-encoding', 'content-disposition'])

/** 304 where the client has this answer, 412 where it asked for an older one, else the answer itself (RFC 9110, section 13.2.2). */
export function conditional(answer: Answer, headers: IncomingHttpHeaders): Answer {
  if (answer.status !== 200) return answer
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) return matches(noneMatch, answer.headers.etag) ? notModified(answer) : answer
  if (answer.modified === undefined) return answer
  const seconds = Math.floor(answer.modified / 1000) * 1000
  const unmodifiedSince = Date.parse(headers['if-unmodified-since'] ?? '')
  if (seconds > unmodifiedSince) return { ...withoutBody(answer), status: 412 }
  return seconds <= Date.parse(headers['if-modified-since'] ?? '') ? notModified(answer) : answer
}

export function notModified(answer: Answer): Answer {
  return { ...withoutBody(answer), status: 304 }
}

function withoutBody(answer: Answer): Answer {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !OF_BODY.has(name)))
  return { ...answer, headers, body: Buffer.alloc(0) }
}

/** Whether an `If-None-Match` header names the tag; weak tags match here. */
export function matches(header: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  if (header === etag || header.trim() === '*') return true
  const opaque = etag.replace(/^W\//, '')
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === opaque)
}
