/** Spring's media type for environments with origins; the version 1 type is plain `application/json`. */
export const V2_TYPE = 'application/vnd.spring-cloud.config-server.v2+json'

/** One range of an `Accept` header. */
interface MediaRange {
  readonly type: string
  readonly subtype: string
  readonly quality: number
  readonly charset?: string
}

/** How an environment is to be written; `undefined` says that no acceptable way exists. */
export function environmentType(accept: string | undefined): { readonly version: 'v1' | 'v2'; readonly type: string } | undefined {
  const ranges = parseAccept(accept)
  for (const range of ranges ?? []) {
    if (range.quality === 0) continue
    const type = `${range.type}/${range.subtype}`
    if (['*/*', 'application/*', 'application/json'].includes(type)) return { version: 'v1', type: withCharset('application/json', range) }
    if (type === 'application/*+json' || type === V2_TYPE) return { version: 'v2', type: V2_TYPE }
  }
  return undefined
}

/** Raw bytes are sent where `application/octet-stream` is named, even beside a range that accepts all. */
export function wantsBytes(accept: string | undefined): boolean {
  return (parseAccept(accept) ?? []).some(({ type, subtype }) => type === 'application' && (subtype === 'octet-stream' || subtype === '*'))
}

/** The media type of a text file: what is asked for among JSON and plain types. It is never one that a browser would run. */
export function textType(accept: string | undefined): string {
  const [first] = parseAccept(accept) ?? []
  if (first === undefined) return PLAIN
  if (first.type === 'application' && (first.subtype === 'json' || first.subtype === '*+json')) return 'application/json'
  return first.type === 'application' && first.subtype.endsWith('+json') ? `application/${first.subtype}` : PLAIN
}

const PLAIN = 'text/plain;charset=UTF-8'
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Ranges by quality, then by how exact they are, then as listed; an absent header accepts all, one that cannot be read nothing. */
function parseAccept(header: string | undefined): readonly MediaRange[] | undefined {
  if (header === undefined || header.trim() === '') return [{ type: '*', subtype: '*', quality: 1 }]
  const ranges = header.split(',').map(parseRange)
  if (ranges.some((range) => range === undefined)) return undefined
  const rank = ({ type, subtype }: MediaRange): number => (type === '*' ? 0 : subtype.startsWith('*') ? 1 : 2)
  return ranges.filter((range) => range !== undefined).toSorted((a, b) => b.quality - a.quality || rank(b) - rank(a))
}

function parseRange(text: string): MediaRange | undefined {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim())
  const [type = '', subtype = '', ...more] = media.toLowerCase().split('/')
  if (more.length > 0 || !TOKEN.test(type) || !TOKEN.test(subtype) || (type === '*' && subtype !== '*')) return undefined
  let quality = 1
  let charset: string | undefined
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.toLowerCase() === 'q') quality = Number(value)
    if (name.toLowerCase() === 'charset' && TOKEN.test(value)) charset = value
  }
  if (!(quality >= 0 && quality <= 1)) return undefined
  return { type, subtype, quality, ...(charset === undefined ? {} : { charset }) }
}

function withCharset(type: string, range: MediaRange): string {
  return range.charset === undefined || range.subtype !== 'json' ? type : `${type};charset=${range.charset}`
}
