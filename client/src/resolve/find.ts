import { parseKey } from '@carillon/environment'
import { idOf } from './key-tree.js'

type Found = { readonly value: unknown } | undefined

/** Paths that are asked for are few; those that come from outside may be many. */
const MAX_KEPT = 2_000

/** Looks a path up in frozen values: own properties alone, by their exact names or else in any spelling; then elsewhere. Remembers the answers. */
export function createFind(values: unknown, elsewhere: (path: string) => Found): (path: string) => Found {
  const kept = new Map<string, Found>()
  return (path) => {
    const known = kept.get(path)
    if (known !== undefined || kept.has(path)) return known
    const found = walk(values, path) ?? elsewhere(path)
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(path, found)
    return found
  }
}

function walk(values: unknown, path: string): Found {
  const steps = parseKey(path)
  if (steps.length === 0) return undefined
  let value = values
  for (const { text } of steps) {
    const name = ownName(value, text)
    if (name === undefined) return undefined
    value = Reflect.get(value as object, name)
  }
  return value === undefined ? undefined : { value }
}

function ownName(value: unknown, step: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, step)) return Array.isArray(value) && step === 'length' ? undefined : step
  const id = idOf(step)
  return Object.keys(value).find((name) => idOf(name) === id)
}
