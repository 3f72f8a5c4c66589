import type { IncomingHttpHeaders } from 'node:http'
import { digestOf, type Environment } from '@carillon/environment'
import { ServerError } from '../errors.js'
import { environmentJson, type Format, render, resolveText } from '../resolution/render/index.js'
import { type ConfigRequest, commitsOf, type Found, type FoundFile, type Pin, type Source } from '../sources/source.js'
import { environmentType, textType, V2_TYPE, wantsBytes } from './accept.js'
import { type Answer, strongEtag } from './answer.js'
import { requireAtLeast } from './at-least.js'
import { charsetOf, decodeText } from './charset.js'
import { findFilled } from './filled.js'
import { configRequest, type NamedView, slashes } from './request.js'
import type { Route } from './routes.js'
import { booleanParameter, type Target } from './target.js'

export interface EndpointOptions {
  readonly source: Source
  /** Whether a request that no source knows is answered with an empty environment. */
  readonly acceptEmpty: boolean
  readonly stripDocumentFromYaml: boolean
}

export interface Asked<Kind extends Route['kind'] = Route['kind']> {
  readonly route: Extract<Route, { kind: Kind }>
  readonly target: Target
  readonly headers: IncomingHttpHeaders
}

/** An environment as JSON, version 1 or 2. A label in a place where no type can be agreed on is taken for a resource without a path, as Spring does. */
export async function environmentAnswer(options: EndpointOptions, { route, headers }: Asked<'environment'>): Promise<Answer> {
  const type = environmentType(headers.accept)
  if (type === undefined) throw route.label === undefined ? notAcceptable(headers.accept) : noSuchFile('')
  const request = configRequest(route)
  await requireAtLeast(options.source, request, headers)
  const found = await findOrRefuse(options, request)
  const environment: Environment = {
    name: slashes(route.name),
    profiles: [route.profiles],
    label: route.label === undefined ? null : slashes(route.label),
    version: found.version,
    state: found.state,
    propertySources: found.propertySources,
  }
  const digest = digestOf(found.propertySources)
  return {
    status: 200,
    headers: {
      'content-type': type.type,
      etag: type.version === 'v1' ? `W/"${digest}"` : `W/"${digest}.v2"`,
      'x-carillon-commit': commitsOf(found.pins).served.join(','),
      'x-carillon-digest': digest,
      ...staleness(found.pins),
    },
    body: Buffer.from(environmentJson(environment, type.version)),
    pins: found.pins,
  }
}

/** The merged properties in a format of files. Without a name or a profile the document is empty, as Spring has it. */
export async function renderedAnswer(options: EndpointOptions, { route, target, headers }: Asked<'rendered'>): Promise<Answer> {
  const placeholders = booleanParameter(target, 'resolvePlaceholders') ? 'resolve' : 'keep'
  const document = options.stripDocumentFromYaml ? 'strip' : 'keep'
  const found = await (route.name === '' || route.profiles === ''
    ? findOverrides(options, route.label)
    : findRendered(options, route, headers))
  const body = Buffer.from(render(route.format, found.propertySources, { placeholders, document }))
  return {
    status: 200,
    headers: { 'content-type': typeOf(route.format), etag: strongEtag(body), ...staleness(found.pins) },
    body,
    pins: found.pins,
  }
}

/** A file as it is, or as text with its placeholders resolved against the environment of the same request. */
export async function resourceAnswer(options: EndpointOptions, asked: Asked<'resource'>): Promise<Answer> {
  const { route, headers } = asked
  if (!isPossiblePath(route.path)) throw noSuchFile(route.path)
  const request = configRequest({ ...route, name: route.name.replaceAll('*', '_') })
  await requireAtLeast(options.source, request, headers)
  const bytes = wantsBytes(headers.accept)
  const read = bytes ? await findBytes(options, request, route.path) : await findText(options, request, asked)
  if (read === undefined) throw noSuchFile(route.path)
  const { found, body } = read
  return {
    status: 200,
    headers: {
      'content-type': bytes ? 'application/octet-stream' : textType(headers.accept),
      ...(SAFE_EXTENSION.test(found.path) ? {} : { 'content-disposition': 'inline;filename=f.txt' }),
      etag: strongEtag(body),
      ...staleness(found.pins),
      ...(found.file.modified === undefined ? {} : { 'last-modified': new Date(found.file.modified).toUTCString() }),
    },
    body,
    ...(found.file.modified === undefined ? {} : { modified: found.file.modified }),
    pins: found.pins,
  }
}

/** Names the commits that the labels mean and that could not be served. */
function staleness(pins: readonly Pin[]): { readonly 'x-carillon-stale'?: string } {
  const { skipped } = commitsOf(pins)
  return skipped.length === 0 ? {} : { 'x-carillon-stale': skipped.join(',') }
}

async function findRendered(options: EndpointOptions, view: NamedView, headers: IncomingHttpHeaders): Promise<Found> {
  const request = configRequest(view)
  await requireAtLeast(options.source, request, headers)
  return findOrRefuse(options, request)
}

/** Without a name or a profile no file applies, not even a shared one; the label must exist all the same, and overrides are given. */
async function findOverrides(options: EndpointOptions, label: string | undefined): Promise<Found> {
  const request = configRequest({ name: 'application', profiles: 'default', ...(label === undefined ? {} : { label }) })
  const found = await options.source.find(request)
  return requireSources(options, request, { ...found, propertySources: found.propertySources.filter(({ name }) => name === 'overrides') })
}

async function findOrRefuse(options: EndpointOptions, request: ConfigRequest): Promise<Found> {
  return requireSources(options, request, await options.source.find(request))
}

function requireSources({ acceptEmpty }: EndpointOptions, request: ConfigRequest, found: Found): Found {
  if (acceptEmpty || found.propertySources.length > 0) return found
  throw new ServerError(
    'not-found',
    `No file applies to ${request.applications.join(',')}/${request.profiles.join(',')}, and empty answers are switched off.`,
  )
}

interface ReadFile {
  readonly found: FoundFile
  readonly body: Buffer
}

async function findBytes({ source }: EndpointOptions, request: ConfigRequest, path: string): Promise<ReadFile | undefined> {
  const found = await source.findFile(request, path)
  return found && { found, body: Buffer.from(found.file.bytes) }
}

/** Spring builds the environment even where it is not needed, so a broken one is seen here too. */
async function findText(
  { source }: EndpointOptions,
  request: ConfigRequest,
  { route, target, headers }: Asked<'resource'>,
): Promise<ReadFile | undefined> {
  const filled = await findFilled(source, request, route.path)
  if (filled === undefined) return undefined
  const text = decodeText(filled.file.file.bytes, charsetOf(headers['accept-charset']?.toString()))
  const resolves = booleanParameter(target, 'resolvePlaceholders')
  return { found: filled.file, body: Buffer.from(resolves ? resolveText(text, filled.environment.propertySources) : text) }
}

/** Extensions that Spring sends without a safe file name for browsers. */
const SAFE_EXTENSION =
  /(^|\/)[^./]*$|\.(txt|text|ya?ml|properties|csv|json|xml|atom|rss|svg|png|jpe?g|gif|webp|bmp|ico|tiff?|mp3|mp4|m4a|ogg|wav|flac|avi|mov|mpe?g|webm)$/i

/** What never names a file that may be served: nothing, a way up, a fragment, the folders of web applications and of Git, an address. */
function isPossiblePath(path: string): boolean {
  if (path === '' || path.includes('..') || path.includes('#')) return false
  if (/(^|\/)(WEB-INF|META-INF)/i.test(path) || /(^|\/)\.git(\/|$)/i.test(path)) return false
  return !/^[a-z][a-z0-9+.-]*:/i.test(path)
}

function typeOf(format: Format): string {
  return format === 'json' ? 'application/json' : 'text/plain'
}

function noSuchFile(path: string): ServerError {
  return new ServerError(
    'not-found',
    path === '' ? 'The path names no file.' : `No such file: '${path}' is in none of the searched folders.`,
  )
}

function notAcceptable(accept: string | undefined): ServerError {
  return new ServerError('not-acceptable', `An environment is application/json or ${V2_TYPE}: 'Accept: ${accept}' takes neither.`)
}
