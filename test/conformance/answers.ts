import http from 'node:http'

/** A request as the recordings hold it. */
export interface RecordedCase {
  readonly server: string
  readonly method?: string
  readonly get: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Statuses that are as good as the recorded one. */
  readonly or?: readonly number[]
  /** Any 4xx is as good as the recorded refusal. */
  readonly hostile?: boolean
}

export interface RecordedAnswer {
  readonly status: number
  readonly type: string
  readonly body?: string
  readonly base64?: string
}

/** Asks with the target exactly as written, without any normalisation of the client's. */
export function ask(port: number, { method = 'GET', get, headers = {}, body }: RecordedCase): Promise<RecordedAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: get, headers: { accept: '*/*', ...headers }, agent: false })
    request.setTimeout(15_000, () => request.destroy(new Error('no answer in 15 s')))
    request.on('error', reject)
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => resolve(recorded(response, Buffer.concat(parts))))
    })
    request.end(body)
  })
}

/** The path of the repositories differs from machine to machine, so the recordings hold `{REPOS}` instead. */
export function neutral(answer: RecordedAnswer, repositories: string): RecordedAnswer {
  if (answer.body === undefined) return answer
  const body = [`file://${repositories}`, `file:${repositories}`, repositories].reduce((text, place) => text.replaceAll(place, '{REPOS}'), answer.body)
  return { ...answer, body }
}

/** JSON by value, text byte for byte, media types without parameters, errors by status alone. */
export function comparable({ status, type, body, base64 }: RecordedAnswer): unknown {
  if (status >= 400) return { status }
  if (base64 !== undefined) return { status, base64 }
  const media = type.split(';')[0]?.trim().toLowerCase() ?? ''
  return { status, media, body: media.endsWith('json') ? parsed(body ?? '') : body }
}

/** Where the real server breaks any proper answer is as good, and so is what the case allows. */
export function isAsGood(want: RecordedAnswer, got: RecordedAnswer, { or = [], hostile = false }: RecordedCase): boolean {
  if (or.includes(got.status)) return true
  return hostile ? want.status >= 400 && got.status >= 400 && got.status < 500 : want.status >= 500 && got.status >= 200 && got.status < 500
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function recorded({ statusCode = 0, headers }: http.IncomingMessage, bytes: Buffer): RecordedAnswer {
  const text = bytes.toString('utf8')
  const type = headers['content-type'] ?? ''
  return Buffer.from(text).equals(bytes) ? { status: statusCode, type, body: text } : { status: statusCode, type, base64: bytes.toString('base64') }
}
