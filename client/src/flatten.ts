import type { Json, Leaf } from './json.js'

/**
 * Flat keys of nested values, as Spring writes them: `{ a: { b: [1] } }` is `a.b[0]`, and what holds nothing is an empty text. Names are taken as they
 * are, so flat keys stay flat.
 */
export function flatten(values: Readonly<Record<string, Json>>): ReadonlyMap<string, Leaf> {
  const flat = new Map<string, Leaf>()
  for (const [name, value] of Object.entries(values)) add(flat, name, value)
  return flat
}

function add(flat: Map<string, Leaf>, key: string, value: Json): void {
  if (typeof value !== 'object' || value === null) {
    flat.set(key, value)
    return
  }
  const entries = Array.isArray(value)
    ? value.map((item: Json, index) => [`${key}[${index}]`, item] as const)
    : Object.entries(value).map(([name, item]) => [`${key}.${name}`, item] as const)
  if (entries.length === 0) flat.set(key, '')
  for (const [below, item] of entries) add(flat, below, item)
}
