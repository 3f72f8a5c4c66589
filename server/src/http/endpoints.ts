import type { IncomingHttpHeaders } from 'node:http'
import { digestOf, type Environment } from '@carillon/environment'
import { ServerError } from '../errors.js'
import { environmentJson, type Format, render } from '../resolution/render/index.js'
import { OVERRIDES } from '../sources/overrides.js'
import type { Secrets } from '../sources/secrets.js'
import { type ConfigRequest, commitsOf, type Found, type Source } from '../sources/source.js'
import { environmentType } from './accept.js'
import { type Answer, strongEtag } from './answer.js'
import { requireAtLeast } from './at-least.js'
import { noSuchFile, notAcceptable } from './refusals.js'
import { configRequest, type NamedView, slashes } from './request.js'
import type { Route } from './routes.js'
import { booleanParameter, type Target } from './target.js'
import { etagOfOrigin, PRIVATE, staleness } from './validity.js'

export interface EndpointOptions {
  readonly source: Source
  readonly secrets: Secrets
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
  const revealed = await options.secrets.reveal(found.propertySources)
  const environment: Environment = {
    name: slashes(route.name),
    profiles: [route.profiles],
    label: route.label === undefined ? null : slashes(route.label),
    version: found.version,
    state: found.state,
    propertySources: revealed.propertySources,
  }
  // Of what the files say: the hash of a secret must not travel. The mark tells what was made of it.
  const digest = digestOf(found.propertySources)
  return {
    status: 200,
    headers: {
      'content-type': type.type,
      etag: `W/"${digest}${type.version === 'v1' ? '' : '.v2'}${revealed.mark}"`,
      'x-carillon-commit': commitsOf(found.pins).served.join(','),
      'x-carillon-digest': digest,
      ...staleness(found.pins),
      ...(revealed.mark === '' ? {} : PRIVATE),
    },
    body: Buffer.from(environmentJson(environment, type.version)),
    pins: [...found.pins, ...revealed.pins],
  }
}

/** The merged properties in a format of files. Without a name or a profile the document is empty, as Spring has it. */
export async function renderedAnswer(options: EndpointOptions, { route, target, headers }: Asked<'rendered'>): Promise<Answer> {
  const placeholders = booleanParameter(target, 'resolvePlaceholders') ? 'resolve' : 'keep'
  const document = options.stripDocumentFromYaml ? 'strip' : 'keep'
  const found = await (route.name === '' || route.profiles === ''
    ? findOverrides(options, route.label)
    : findRendered(options, route, headers))
  const revealed = await options.secrets.reveal(found.propertySources)
  const body = Buffer.from(render(route.format, revealed.propertySources, { placeholders, document }))
  const isSecret = revealed.mark !== ''
  const from = [digestOf(found.propertySources), route.format, placeholders, document]
  return {
    status: 200,
    headers: {
      'content-type': typeOf(route.format),
      ...(isSecret ? { etag: etagOfOrigin(revealed, from), ...PRIVATE } : { etag: strongEtag(body) }),
      ...staleness(found.pins),
    },
    body,
    pins: [...found.pins, ...revealed.pins],
  }
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
  return requireSources(options, request, { ...found, propertySources: found.propertySources.filter(({ name }) => name === OVERRIDES) })
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

function typeOf(format: Format): string {
  return format === 'json' ? 'application/json' : 'text/plain'
}
