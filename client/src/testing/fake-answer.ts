import type { IncomingMessage } from 'node:http'
import { bodyOf, digestOfSources, type FakeApps, sourcesOf } from './fake-environment.js'

/** What a fake server knows. */
export interface FakeState {
  readonly apps: Map<string, FakeApps[string]>
  /** The last one is served. */
  readonly commits: string[]
  readonly labels: readonly string[]
  readonly speaks: 'carillon' | 'spring'
  readonly credentials?: { readonly username: string; readonly password: string } | { readonly bearer: string }
}

export interface FakeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const V2_TYPE = 'application/vnd.spring-cloud.config-server.v2+json'

export function commitOf({ commits }: FakeState): string {
  return commits.at(-1) ?? ''
}

/** The right answer: Spring's, with Carillon's headers where it speaks as Carillon. */
export function answerTo(state: FakeState, { method, url = '/', headers }: IncomingMessage): FakeAnswer {
  if (!isWelcome(state, headers.authorization)) return problem(401, { message: 'credentials are needed, or wrong' })
  if (method !== 'GET' && method !== 'HEAD')
    return problem(405, { message: `${method} is not understood`, headers: { allow: 'GET, HEAD' } })
  const segments = segmentsOf(url)
  const [name, profiles, label = state.labels[0] ?? '', ...more] = segments ?? []
  if (name === undefined || profiles === undefined || more.length > 0) return problem(404, { message: `there is nothing at ${url}` })
  if (!state.labels.includes(label)) return problem(404, { message: `there is no label ${label}`, code: 'no-such-label' })
  const lagging = state.speaks === 'carillon' && listOf(headers['x-carillon-at-least']).some((commit) => !state.commits.includes(commit))
  if (lagging)
    return problem(503, { message: 'the commit has not arrived at this server yet', code: 'lagging', headers: { 'retry-after': '1' } })
  const sources = sourcesOf(state.apps, { names: listOf(name), profiles: listOf(profiles), label })
  const version = headers.accept?.includes(V2_TYPE) ? 2 : 1
  const said = saidOf(state, digestOfSources(sources), version)
  if (said.etag !== undefined && listOf(headers['if-none-match']).includes(said.etag)) return { status: 304, headers: said, body: '' }
  const body = bodyOf(sources, { name, profiles, label: segments?.[2] ?? null, commit: commitOf(state), version })
  return { status: 200, headers: { 'content-type': version === 1 ? 'application/json' : V2_TYPE, ...said }, body }
}

/** What Carillon says about an answer beside it. */
function saidOf(state: FakeState, digest: string, version: 1 | 2): Readonly<Record<string, string>> {
  if (state.speaks === 'spring') return {}
  const etag = version === 1 ? `W/"${digest}"` : `W/"${digest}.v2"`
  return { etag, 'x-carillon-commit': commitOf(state), 'x-carillon-digest': digest, 'cache-control': 'no-cache' }
}

/** `undefined` for what is no path. `(_)` is a slash. */
function segmentsOf(url: string): readonly string[] | undefined {
  try {
    const segments = url.replace(/\?.*$/s, '').split('/').slice(1)
    return segments.map((segment) => decodeURIComponent(segment).replaceAll('(_)', '/'))
  } catch {
    return undefined
  }
}

function listOf(text: string | readonly string[] | undefined): readonly string[] {
  return [text ?? []].flat().flatMap((each) => each.split(',').map((item) => item.trim()))
}

function isWelcome({ credentials }: FakeState, authorization: string | undefined): boolean {
  if (credentials === undefined) return true
  if ('bearer' in credentials) return authorization === `Bearer ${credentials.bearer}`
  return authorization === `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
}

interface Problem {
  readonly message: string
  readonly code?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that says what is wrong. */
export function problem(status: number, { message, code, headers }: Problem): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ status, message, code }) }
}
