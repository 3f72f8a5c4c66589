import { flatten } from './flatten.js'
import type { Json, Leaf } from './json.js'
import type { RemoteDocument, RemoteSource, RemoteValue } from './remote/remote.js'
import type { Layer, LayerValue } from './resolve/resolved.js'

/** What values can come from, beside argv and env. */
export interface Ingredients {
  /** Values that a bus event put over everything. */
  readonly announced: ReadonlyMap<string, Leaf>
  readonly document: RemoteDocument | undefined
  readonly defaults: Readonly<Record<string, Json>>
}

/** The layers of what values come from, strongest first. */
export function layersOf({ announced, document, defaults }: Ingredients): readonly Layer[] {
  return [
    ...(announced.size > 0 ? [announcedLayer(announced)] : []),
    ...(document?.sources.map((source) => remoteLayer(source, document.version.commit)) ?? []),
    { kind: 'default', source: 'defaults', properties: new Map(Array.from(flatten(defaults), ([key, value]) => [key, { value }])) },
  ]
}

function announcedLayer(values: Ingredients['announced']): Layer {
  return { kind: 'bus', source: 'bus', properties: new Map(Array.from(values, ([key, value]) => [key, { value }])) }
}

function remoteLayer({ name, properties }: RemoteSource, commit: string): Layer {
  return {
    kind: name === 'overrides' ? 'override' : 'remote',
    source: name,
    ...(commit === '' ? {} : { commit }),
    properties: new Map(Array.from(properties, ([key, value]) => [key, layerValue(value)])),
  }
}

/** Carillon says `4:11`, Spring a phrase that may end so. */
function layerValue({ value, origin }: RemoteValue): LayerValue {
  const [, line, column] = /(\d+):(\d+)$/.exec(origin ?? '') ?? []
  return line === undefined ? { value } : { value, line: Number(line), column: Number(column) }
}
