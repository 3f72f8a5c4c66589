import { isServiceLink, type Scalar, scalarText, stepsOfKey, stepsOfVariable, uniformKey } from '@carillon/environment'
import { ServerError } from '../errors.js'
import { acceptsProfiles } from '../resolution/activate.js'
import { type ParsedDocument, parseFile } from '../resolution/parse/index.js'

/** One key with its value, as one source of settings gives it. */
export interface Entry {
  /** As written: `spring.cloud.config.server.git.searchPaths[0]`, `SERVER_PORT`. */
  readonly key: string
  readonly steps: readonly string[]
  readonly spelling: 'key' | 'variable'
  readonly value: Scalar
  /** Where it stands, for people: `carillon.yml:12:5`, `environment variable SERVER_PORT`, `--port`. */
  readonly place: string
  /** The value was encrypted where it stands: it is never printed. */
  readonly secret?: true
}

/** What one source of settings gives; later layers win. */
export type Layer = readonly Entry[]

/** A document of a settings file with its condition. */
export interface FileLayer {
  readonly entries: Layer
  readonly onProfile: readonly string[]
  readonly onPlatform: boolean
}

/** The documents of a settings file, in its order. Throws what `parseFile` throws. */
export function fileLayers(file: { readonly path: string; readonly bytes: Uint8Array }): readonly FileLayer[] {
  return parseFile(file.path, file.bytes).map((document) => fileLayer(file.path, document))
}

/** The layers of a file that apply with these profiles. Throws `illegal-property` for an expression that cannot be read. */
export function applying(layers: readonly FileLayer[], profiles: ReadonlySet<string>): readonly Layer[] {
  return layers
    .filter((layer) => !layer.onPlatform && (layer.onProfile.length === 0 || acceptsProfiles(layer.onProfile, profiles)))
    .map((layer) => layer.entries)
}

/** The environment as a layer; `SPRING_APPLICATION_JSON` stands apart, as it wins over the other variables. */
export function variableLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  return Object.entries(env).flatMap(([name, value]) =>
    value === undefined || name === 'SPRING_APPLICATION_JSON' || isServiceLink(name, value)
      ? []
      : [{ key: name, steps: stepsOfVariable(name), spelling: 'variable' as const, value, place: `environment variable ${name}` }],
  )
}

/** The keys of `SPRING_APPLICATION_JSON`. Throws `invalid-settings` where it is no JSON object. */
export function jsonLayer(json: string | undefined): Layer {
  if (json === undefined || json.trim() === '') return []
  const place = 'environment variable SPRING_APPLICATION_JSON'
  const root = parseJson(json, place)
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new ServerError('invalid-settings', `${place}: expected a JSON object, got ${Array.isArray(root) ? 'a list' : String(root)}`)
  }
  return leavesOf('', root).map(([key, value]) => keyEntry(key, value, `${place}, key ${key}`))
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['server.port', '--port'],
  ['server.address', '--address'],
  ['carillon.bus.url', '--bus'],
  ['carillon.data-folder', '--data-folder'],
  ['carillon.log-level', '--log-level'],
  ['carillon.strict-compat', '--strict-compat'],
])

/** Flags of the command line: canonical key to text. */
export function flagLayer(flags: ReadonlyMap<string, string>): Layer {
  return [...flags].map(([key, value]) => keyEntry(key, value, FLAGS.get(key) ?? `--${key}`))
}

/** An entry in the spelling of files. */
export function keyEntry(key: string, value: Scalar, place: string): Entry {
  return { key, steps: stepsOfKey(key), spelling: 'key', value, place }
}

function fileLayer(path: string, document: ParsedDocument): FileLayer {
  const entries = [...document.properties].map(([key, { value, origin }]) => {
    const place = origin?.kind === 'file' ? `${path}:${origin.line}:${origin.column}` : path
    return keyEntry(key, value, place)
  })
  const condition = (name: string): readonly Entry[] =>
    entries.filter(({ key }) => uniformKey(key).replace(/\.\d+$/, '') === `spring.config.activate.${name}`)
  const onProfile = condition('onprofile').flatMap(({ value }) => scalarText(value).split(','))
  return {
    entries,
    onProfile: onProfile.map((text) => text.trim()).filter((text) => text !== ''),
    onPlatform: condition('oncloudplatform').length > 0,
  }
}

function parseJson(json: string, place: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // No cause: the parser's own message quotes the text, which may hold a password
    throw new ServerError('invalid-settings', `${place}: is not JSON`)
  }
}

function leavesOf(prefix: string, value: unknown): readonly (readonly [string, Scalar])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(`${prefix}[${index}]`, item))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => leavesOf(prefix === '' ? key : `${prefix}.${key}`, item))
  }
  return [
    [prefix, typeof value === 'number' ? numberOf(value) : typeof value === 'boolean' ? value : typeof value === 'string' ? value : ''],
  ]
}

const numberOf = (value: number): Scalar => (Number.isInteger(value) ? BigInt(value) : value)
