import type { Json } from '@carillon/client'

/** Names and texts, in the order of their names. */
export type Pairs = readonly (readonly [name: string, text: string])[]

/** Names with values as text. Sorted by code units, so that the same configuration is the same text everywhere. */
export function pairsOf(values: Iterable<readonly [string, Json]>): Pairs {
  return Array.from(values, ([name, value]) => [name, textOf(value)] as const).sort(byName)
}

/** A value as text: nothing for null and for what has no parts, JSON for what has some. */
export function textOf(value: Json): string {
  if (value === null || typeof value !== 'object') return String(value ?? '')
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value)
}

/** A value with its keys sorted at each level; a key such as `__proto__` is one as any other. */
export function sortedTree(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(sortedTree)
  return Object.fromEntries(
    Object.entries(value)
      .sort(byName)
      .map(([key, below]) => [key, sortedTree(below)]),
  )
}

/** Whether a value is a list; `Array.isArray` does not know read-only ones. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0
}
