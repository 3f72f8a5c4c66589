import { createHash } from 'node:crypto'

/** A server of one view in this process, behind `fetch`: no sockets, so that time can be a parameter. */
export interface ScriptedServer {
  readonly fetch: typeof globalThis.fetch
  /** What it was asked: its base URL and its headers, oldest first. */
  readonly requests: readonly Asked[]
  /** A new commit with these flat values; gives its id. */
  readonly commit: (values: Readonly<Record<string, unknown>>) => string
  /** Takes an answer's place, by the server's base URL, until it is called again without one. */
  readonly misbehave: (instead?: (asked: Asked) => Response | Promise<Response> | undefined) => void
  /** The answer that it gives when it behaves. */
  readonly answer: (asked: Asked) => Response
}

export interface Asked {
  readonly base: string
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
}

export function scriptedServer(first: Readonly<Record<string, unknown>>): ScriptedServer {
  const requests: Asked[] = []
  let values = first
  let commits = 1
  let instead: ((asked: Asked) => Response | Promise<Response> | undefined) | undefined
  const version = () => commits.toString(16).padStart(40, '0')

  const answer = ({ headers }: Asked): Response => {
    const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex')
    const etag = `W/"${digest}"`
    const said = { etag, 'x-carillon-commit': version(), 'x-carillon-digest': digest }
    if (headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: said })
    const source = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, origin: '1:1' }]))
    const propertySources = [{ name: 'orders.yml', source }]
    const body = { name: 'orders', profiles: ['default'], label: null, version: version(), state: '', propertySources }
    return new Response(JSON.stringify(body), { headers: { ...said, 'content-type': 'application/json' } })
  }
  const fetch = async (input: Parameters<typeof globalThis.fetch>[0], init: RequestInit = {}): Promise<Response> => {
    const asked = { base: new URL(String(input)).origin, headers: new Headers(init.headers), signal: init.signal ?? undefined }
    requests.push(asked)
    return (await instead?.(asked)) ?? answer(asked)
  }
  return {
    fetch,
    requests,
    commit: (next) => {
      values = next
      commits++
      return version()
    },
    misbehave: (next) => {
      instead = next
    },
    answer,
  }
}

/** What `fetch` says of a server that is not there. */
export const refused = (): never => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:8888'), { code: 'ECONNREFUSED' }) })
}
