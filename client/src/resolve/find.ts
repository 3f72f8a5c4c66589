import { parseKey } from '@carillon/environment'
import { idOf } from './key-tree.js'

/** The value at a path: own properties alone, each by its exact name or else in any spelling. `undefined` where there is none. */
export function findValue(values: unknown, path: string): { readonly value: unknown } | undefined {
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
  if (Array.isArray(value) && step === 'length') return undefined
  if (Object.hasOwn(value, step)) return step
  const id = idOf(step)
  return Object.keys(value).find((name) => idOf(name) === id)
}
