import { digestOf } from '@carillon/environment'
import { resolveText } from '../resolution/render/index.js'
import type { Revealed } from '../sources/secrets.js'
import type { ConfigRequest, FoundFile, Pin } from '../sources/source.js'
import { textType, wantsBytes } from './accept.js'
import { type Answer, strongEtag } from './answer.js'
import { requireAtLeast } from './at-least.js'
import { charsetOf, decodeText } from './charset.js'
import type { Asked, EndpointOptions } from './endpoints.js'
import { type Filled, findFilled } from './filled.js'
import { noSuchFile } from './refusals.js'
import { configRequest } from './request.js'
import { booleanParameter } from './target.js'
import { etagOfOrigin, PRIVATE, staleness } from './validity.js'

/** A file as it is, or as text with its placeholders resolved against the environment of the same request. */
export async function resourceAnswer(options: EndpointOptions, asked: Asked<'resource'>): Promise<Answer> {
  const { route, headers } = asked
  if (!isPossiblePath(route.path)) throw noSuchFile(route.path)
  const request = configRequest({ ...route, name: route.name.replaceAll('*', '_') })
  await requireAtLeast(options.source, request, headers)
  const bytes = wantsBytes(headers.accept)
  const read = bytes ? await findBytes(options, request, route.path) : await findText(options, request, asked)
  if (read === undefined) throw noSuchFile(route.path)
  const { found, body, modified, madeFrom, ...validity } = read
  return {
    status: 200,
    headers: {
      'content-type': bytes ? 'application/octet-stream' : textType(headers.accept),
      ...(SAFE_EXTENSION.test(found.path) ? {} : { 'content-disposition': 'inline;filename=f.txt' }),
      ...validity.headers,
      ...staleness(madeFrom),
      ...(modified === undefined ? {} : { 'last-modified': new Date(modified).toUTCString() }),
    },
    body,
    // Without a time it depends on more than on what the file was read from, and is made anew each time.
    ...(modified === undefined ? {} : { modified, pins: validity.pins }),
  }
}

/** A file's body with what says how long it holds, and who may keep it. */
interface ReadFile {
  readonly found: FoundFile
  readonly body: Buffer
  /** In ms since 1970; absent where the body can change and this cannot tell. */
  readonly modified: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** What says how long it holds. */
  readonly pins: readonly Pin[]
  /** Of the file, and of the values in it. */
  readonly madeFrom: readonly Pin[]
}

async function findBytes({ source }: EndpointOptions, request: ConfigRequest, path: string): Promise<ReadFile | undefined> {
  const found = await source.findFile(request, path)
  if (found === undefined) return undefined
  const body = Buffer.from(found.file.bytes)
  return { found, body, modified: timeOf(found), headers: { etag: strongEtag(body) }, pins: found.pins, madeFrom: found.pins }
}

/** Spring builds the environment even where it is not needed, so a broken one is seen here too. */
async function findText(
  { source, secrets }: EndpointOptions,
  request: ConfigRequest,
  { route, target, headers }: Asked<'resource'>,
): Promise<ReadFile | undefined> {
  const filled = await findFilled(source, request, route.path)
  if (filled === undefined) return undefined
  const { file: found, environment } = filled
  const resolves = booleanParameter(target, 'resolvePlaceholders')
  const raw = decodeText(found.file.bytes, charsetOf(headers['accept-charset']?.toString()))
  const revealed = await secrets.reveal(environment.propertySources)
  const text = resolves ? resolveText(raw, revealed.propertySources) : raw
  const shown = await secrets.revealText({ path: found.path, text })
  const body = Buffer.from(shown)
  const isSecret = shown !== text || (resolves && text !== raw && revealed.mark !== '')
  const isFilled = resolves && raw.includes('${')
  const from = [raw, digestOf(environment.propertySources), String(resolves)]
  return {
    found,
    body,
    modified: isFilled ? timeOfFilled(filled, revealed) : timeOf(found),
    headers: isSecret ? { etag: etagOfOrigin(revealed, from), ...PRIVATE } : { etag: strongEtag(body) },
    pins: [...found.pins, ...revealed.pins],
    madeFrom: isFilled ? [...found.pins, ...environment.pins] : found.pins,
  }
}

function timeOf({ since, file }: FoundFile): number | undefined {
  return since ?? file.modified
}

/** The time of a file says nothing of the values in it, and that of its snapshot nothing of those from elsewhere, nor of keys. */
function timeOfFilled({ file, environment }: Filled, revealed: Revealed): number | undefined {
  const isOfOneSnapshot = idsOf(file.pins) === idsOf(environment.pins)
  return isOfOneSnapshot && revealed.pins.length === 0 ? file.since : undefined
}

function idsOf(pins: readonly Pin[]): string {
  return pins.map(({ snapshot }) => snapshot.id).join()
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
