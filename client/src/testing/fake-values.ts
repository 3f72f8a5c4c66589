import { flatten } from '../flatten.js'
import type { Json } from '../json.js'
import { findValue } from '../resolve/find.js'
import { deepFreeze, isPlain } from '../resolve/freeze.js'
import { nearestPaths } from '../resolve/nearest.js'
import type { Resolved } from '../resolve/resolved.js'

/** Values that a test gives as a schema would have made them, with all that can be asked of them. */
export function resolvedOf(given: object): Resolved {
  const values = deepFreeze(given)
  const flat = flatten(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonOf(value)])))
  return {
    values,
    flat,
    explain: (path) => {
      const value = flat.get(path)
      return value === undefined ? undefined : { path, value, origin: { kind: 'remote', source: 'fake' }, overridden: [] }
    },
    find: (path) => findValue(values, path),
    nearest: (path) => nearestPaths(values, path),
    heldBack: [],
    warnings: [],
  }
}

/** As a file could hold it: dates and the like as their texts. */
function jsonOf(value: unknown): Json {
  if (Array.isArray(value)) return value.map(jsonOf)
  if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]))
  if (value instanceof Date) return value.toISOString()
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  return String(value)
}
