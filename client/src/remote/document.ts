import { createHmac, randomBytes } from 'node:crypto'
import { ConfigError } from '../errors.js'
import { flatten } from '../flatten.js'
import type { Json, Leaf } from '../json.js'
import { parseExactly } from './exact-integers.js'
import type { RemoteDocument, RemoteSource, RemoteValue } from './remote.js'

/** What is known of an answer beside its body. */
export interface DocumentFacts {
  /** As asked for; empty for the server's default. */
  readonly label: string
  /** `X-Carillon-Commit`, `X-Carillon-Digest`, `ETag` and `X-Carillon-Stale`, where the server sent them. */
  readonly commit?: string | undefined
  readonly digest?: string | undefined
  readonly validator?: string | undefined
  readonly staleAt?: string | undefined
  /** `X-Carillon-Decrypted: true` */
  readonly decrypted?: boolean
}

type Members = Readonly<Record<string, unknown>>

/** Deeper values are a mistake or an attack. */
const MAX_DEPTH = 64

/**
 * Reads the body of an answer, version 1 or 2 (spring-compat 1.4, 1.5), whether it comes from a server or a snapshot. What a server may add is ignored.
 * Throws 'bad-response' with the place of what is wrong, and no value.
 */
export function readDocument(text: string, { label, commit, digest, validator, staleAt, decrypted }: DocumentFacts): RemoteDocument {
  const body = parse(text)
  if (!isMembers(body)) throw wrong('the body', 'an object', body)
  const { propertySources, version } = body
  if (!Array.isArray(propertySources)) throw wrong("'propertySources'", 'a list', propertySources)
  const sources = propertySources.map(readSource)
  return {
    version: { commit: typeof version === 'string' ? version : (commit ?? ''), label, digest: digest ?? digestOf(sources) },
    sources,
    text,
    ...(validator === undefined ? {} : { validator }),
    ...(staleAt === undefined ? {} : { staleAt }),
    ...(decrypted ? { decrypted } : {}),
  }
}

/** The parser's own message quotes what it could not read. */
function parse(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (error) {
    const [, position] = /position (\d+)/.exec(String(error)) ?? []
    const where = text.trim() === '' ? 'it is empty' : position === undefined ? 'it breaks off' : `it goes wrong at character ${position}`
    throw new ConfigError('bad-response', `its body of ${text.length} characters is not JSON: ${where}`)
  }
}

function readSource(source: unknown, index: number): RemoteSource {
  const at = `propertySources[${index}]`
  if (!isMembers(source)) throw wrong(at, 'an object', source)
  if (typeof source.name !== 'string') throw wrong(`${at}.name`, 'a text', source.name)
  if (!isMembers(source.source)) throw wrong(`${at}.source`, 'an object', source.source)
  const properties = new Map<string, RemoteValue>()
  for (const key of Object.keys(source.source)) addValue(properties, key, source.source[key])
  return { name: source.name, properties }
}

/** Most values are taken as they were parsed: there may be 50,000 of them. Nested ones, of backends that are not files, become flat keys as the files' do. */
function addValue(properties: Map<string, RemoteValue>, key: string, given: unknown): void {
  if (isTracedLeaf(given)) {
    properties.set(key, given)
    return
  }
  const { value, origin } = traced(given)
  const place = origin === undefined ? {} : { origin }
  if (isLeaf(value)) {
    properties.set(key, { value, ...place })
    return
  }
  if (isDeeper(value, MAX_DEPTH)) throw new ConfigError('bad-response', `a value is nested deeper than ${MAX_DEPTH} levels`)
  for (const [below, leaf] of flatten({ [key]: value as Json })) properties.set(below, { value: leaf, ...place })
}

/** Version 2 is told by its shape, value for value, as Spring's client does: `value`, `origin` and nothing else. */
function isTracedLeaf(given: unknown): given is RemoteValue {
  return isMembers(given) && typeof given.origin === 'string' && isLeaf(given.value) && Object.keys(given).length === 2
}

/** What is left: a plain value, nested or not; a nested one with its origin; and a null of version 2, which is sent as its origin alone. */
function traced(given: unknown): { readonly value: unknown; readonly origin?: string } {
  if (!isMembers(given) || typeof given.origin !== 'string') return { value: given }
  const { value, origin, ...more } = given
  if (Object.keys(more).length > 0) return { value: given }
  if (value !== undefined) return { value, origin }
  return /^\d+:\d+$/.test(origin) ? { value: null, origin } : { value: given }
}

/** Of this process alone: whoever sees a digest in an ack, a health answer or a log learns nothing of the values. */
const OWN_KEY = randomBytes(32)

/** For a server that sends none. It is not what Carillon's digest would be, which is made before values are decrypted: these are what they are. */
function digestOf(sources: readonly RemoteSource[]): string {
  const meaning = sources.map(({ name, properties }) => [name, Array.from(properties, ([key, { value }]) => [key, value])])
  return createHmac('sha256', OWN_KEY).update(JSON.stringify(meaning)).digest('hex')
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1))
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || (typeof value !== 'object' && value !== undefined)
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(what: string, expected: string, got: unknown): ConfigError {
  const is = got === undefined ? 'missing' : got === null ? 'null' : Array.isArray(got) ? 'a list' : `of type ${typeof got}`
  return new ConfigError('bad-response', `its body is no environment: ${what} is ${is}, expected ${expected}`)
}
