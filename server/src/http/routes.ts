import { ServerError } from '../errors.js'
import type { Format } from '../resolution/render/index.js'
import type { Target } from './target.js'

/** What a path asks for, before names, profiles and labels are checked. An empty `path` of a resource is no file. */
export type Route =
  | { readonly kind: 'environment'; readonly name: string; readonly profiles: string; readonly label?: string }
  | { readonly kind: 'rendered'; readonly name: string; readonly profiles: string; readonly label?: string; readonly format: Format }
  | { readonly kind: 'resource'; readonly name: string; readonly profiles: string; readonly label?: string; readonly path: string }
  | { readonly kind: 'actuator'; readonly endpoint: readonly string[] }
  | { readonly kind: 'encryption'; readonly action: 'encrypt' | 'decrypt' | 'key' | 'status' }

const FORMATS: readonly Format[] = ['properties', 'yml', 'yaml', 'json']
/** Profiles of an environment must not end with the extension of a rendered answer (Spring's own pattern). */
const RESERVED = /\b\.(?:ya?ml|properties|json)\b/

/**
 * The grammar of Spring's paths. A route with fixed words beats one with variables, a rendered answer beats nothing that an environment could be, and
 * whatever is longer is a resource. `undefined` where no route has this shape.
 */
export function route(target: Target, prefix: string): Route | undefined {
  const [first] = target.segments
  if (first === 'actuator') return { kind: 'actuator', endpoint: target.segments.slice(1) }
  const segments = withoutPrefix(target.segments, prefix)
  return segments === undefined ? undefined : routeSegments(segments, target)
}

function routeSegments(segments: readonly string[], target: Target): Route | undefined {
  const [name = '', profiles = '', label = '', ...rest] = segments
  switch (segments.length) {
    case 1:
      return encryption(segments) ?? rendered(name)
    case 2:
      return encryption(segments) ?? twoSegments(name, profiles)
    case 3:
      return encryption(segments) ?? threeSegments({ name, profiles, label }, target)
    default:
      return name === '' || profiles === '' || label === '' ? undefined : resource({ name, profiles, label }, rest)
  }
}

function twoSegments(first: string, second: string): Route | undefined {
  if (first === '' || second === '') return undefined
  if (RESERVED.test(second)) return rendered(second, first)
  return { kind: 'environment', name: plain(first), profiles: plain(second) }
}

function threeSegments({ name, profiles, label }: Triple, { query }: Target): Route | undefined {
  if (name === '' || profiles === '') return undefined
  if (query.has('useDefaultLabel') && label !== '')
    return { kind: 'resource', name: plain(name), profiles: plain(profiles), path: plain(label) }
  if (label === '') return undefined
  return { kind: 'environment', name: plain(name), profiles: plain(profiles), label }
}

interface Triple {
  readonly name: string
  readonly profiles: string
  readonly label: string
}

function resource({ name, profiles, label }: Triple, path: readonly string[]): Route {
  return {
    kind: 'resource',
    name: plain(name),
    profiles: plain(profiles),
    label,
    path: path
      .map(plain)
      .filter((segment) => segment !== '')
      .join('/'),
  }
}

/** The name is everything up to the last dash, so a profile with a dash cannot be asked for this way. */
function rendered(segment: string, label?: string): Route | undefined {
  const format = FORMATS.find((known) => segment.endsWith(`.${known}`))
  const stem = format === undefined ? '' : segment.slice(0, -format.length - 1)
  const dash = stem.lastIndexOf('-')
  if (format === undefined || dash === -1) return undefined
  return {
    kind: 'rendered',
    name: plain(stem.slice(0, dash)),
    profiles: plain(stem.slice(dash + 1)),
    format,
    ...(label === undefined ? {} : { label }),
  }
}

/** Fixed words: `/encrypt`, `/decrypt`, `/key`, `/encrypt/status` and the forms with a name and profiles. */
function encryption(segments: readonly string[]): Route | undefined {
  const [word, second] = segments
  if (word === 'encrypt' && second === 'status' && segments.length === 2) return { kind: 'encryption', action: 'status' }
  if (segments.length === 2 || segments.includes('')) return undefined
  if (word === 'encrypt' || word === 'decrypt') return { kind: 'encryption', action: word }
  return word === 'key' ? { kind: 'encryption', action: word } : undefined
}

function withoutPrefix(segments: readonly string[], prefix: string): readonly string[] | undefined {
  const expected = prefix.split('/').filter((segment) => segment !== '')
  return expected.every((segment, index) => segments[index] === segment) ? segments.slice(expected.length) : undefined
}

/** Only a label may hold an encoded slash: anywhere else it could hide a path. */
function plain(segment: string): string {
  if (!segment.includes('/')) return segment
  throw new ServerError('invalid-request', "An encoded slash ('%2F') is understood in a label only.")
}
