import { uniform } from '@carillon/environment'
import type { Entry, Layer } from './layers.js'
import type { SettingNode } from './nodes.js'
import { type Route, routeOf } from './route.js'

/** A key of the settings that won, where it leads, and who said so. */
export interface Leaf {
  readonly route: Route
  readonly entry: Entry
}

/** What all layers say together: the leaves by JSON pointer in the order of first definition, and the keys that are not simply taken. */
export interface Merged {
  readonly leaves: ReadonlyMap<string, Leaf>
  readonly marked: readonly Leaf[]
}

/** Environment variables below these names are ours: an unknown one is an error. Others may belong to anybody. */
const OURS = /^(SPRING_CLOUD_CONFIG_SERVER|CARILLON)_/i

/**
 * Merges layers, later ones stronger. Maps are merged, lists of texts replaced as a whole, as Spring Boot does; lists of objects
 * (`composite[0].uri`) are merged entry by entry, as Spring Cloud Config does.
 */
export function mergeLayers(schema: SettingNode, layers: readonly Layer[]): Merged {
  const mapKeys = mapKeysOf(schema, layers)
  const leaves = new Map<string, Leaf>()
  const marked = new Map<string, Leaf>()
  const owners = new Map<string, Layer>()
  for (const layer of layers) {
    for (const entry of layer) {
      const leaf = { entry, route: routeOf(schema, entry.steps, { kind: entry.spelling, mapKeys }) }
      if (!isMeant(leaf)) continue
      const pointer = pointerOf(leaf.route.path)
      if (leaf.route.mark !== undefined) marked.set(pointer, leaf)
      else {
        dropWeakerList({ leaves, owners, layer }, leaf.route)
        leaves.set(pointer, leaf)
      }
    }
  }
  return { leaves, marked: [...marked.values()] }
}

/** A path of names and indexes as a JSON pointer (RFC 6901), which is how ajv names places. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function isMeant({ entry, route }: Leaf): boolean {
  if (entry.spelling === 'variable' && !OURS.test(entry.key)) {
    if (route.node === undefined || route.node.type === 'object' || route.mark?.kind === 'unsupported') return false
  }
  const isEmpty = entry.value === ''
  if (isEmpty && (route.mark !== undefined || route.node?.type === 'object')) return false
  return !(route.mark?.kind === 'refused' && route.path.at(-1) === 'enabled' && uniform(String(entry.value)) === 'false')
}

interface Merging {
  readonly leaves: Map<string, Leaf>
  readonly owners: Map<string, Layer>
  readonly layer: Layer
}

function dropWeakerList({ leaves, owners, layer }: Merging, { path, node }: Route): void {
  const isItem = typeof path.at(-1) === 'number' && node?.type === 'string'
  if (!isItem && node?.type !== 'array') return
  const list = pointerOf(isItem ? path.slice(0, -1) : path)
  if (owners.get(list) === layer) return
  owners.set(list, layer)
  for (const pointer of [...leaves.keys()]) {
    if (pointer === list || pointer.startsWith(`${list}/`)) leaves.delete(pointer)
  }
}

function mapKeysOf(schema: SettingNode, layers: readonly Layer[]): readonly string[] {
  const routes = layers
    .flat()
    .flatMap((entry) => (entry.spelling === 'key' ? [routeOf(schema, entry.steps, { kind: 'key', mapKeys: [] }).path] : []))
  const names = routes.flatMap((path) => path.flatMap((step, index) => (path[index - 1] === 'repos' ? [String(step)] : [])))
  return [...new Set(names)]
}
