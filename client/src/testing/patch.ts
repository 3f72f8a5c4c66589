import { isPlain } from '../resolve/freeze.js'

/** Some of the values. What is `undefined` is taken away; lists are replaced as a whole. */
export type Patch<T> = T extends Whole ? T : T extends object ? { readonly [K in keyof T]?: Patch<T[K]> | undefined } : T

type Whole = readonly unknown[] | Date | RegExp | URL | ((...args: never) => unknown)

/** A copy of the values with a patch laid over them. What is no plain object or list is taken as it is. */
export function patched(values: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return patch.map((item) => patched(undefined, item))
  if (!isMap(patch)) return patch
  const result = new Map(isMap(values) ? Object.entries(values) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) result.delete(name)
    else result.set(name, patched(result.get(name), value))
  }
  return Object.fromEntries(result)
}

function isMap(value: unknown): value is object {
  return isPlain(value) && !Array.isArray(value)
}
