import { inTypeOf } from './fill.js'
import type { IssueWords } from './issues.js'

/** A text that is taken for something else. */
export interface Conversion {
  readonly path: readonly string[]
  readonly text: string
  /** `undefined`: nothing. */
  readonly value: unknown
}

const LISTS = new Set(['array', 'list', 'tuple', 'set'])
const MAPS = new Set(['object', 'record', 'map'])

/**
 * What the text at the path of an issue may be instead, as Spring's binder converts what it binds: a number or boolean that reads back as the same text, a
 * list with commas between its items; and an empty text is also an empty list, an empty map or nothing. `undefined` where it can be nothing else.
 */
export function conversionFor({ path, expected = '', code = '' }: IssueWords, values: unknown): Conversion | undefined {
  const text = valueAt(values, path)
  if (typeof text !== 'string') return undefined
  const isList = LISTS.has(expected) || code === 'tuple'
  if (text === '') return { path, text, value: isList ? [] : MAPS.has(expected) ? {} : undefined }
  if (isList) return { path, text, value: text.split(',').map((item) => item.trim()) }
  const value = [true, 0].map((like) => inTypeOf(like, text)).find((each) => each !== text)
  return value === undefined ? undefined : { path, text, value }
}

/** The own value at a path. */
export function valueAt(values: unknown, path: readonly string[]): unknown {
  let value = values
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** Puts a conversion into the values that it was made for. */
export function convert(values: unknown, { path, value }: Conversion): void {
  const parent = valueAt(values, path.slice(0, -1))
  const name = path.at(-1)
  if (typeof parent !== 'object' || parent === null || name === undefined) return
  if (value === undefined && !Array.isArray(parent)) Reflect.deleteProperty(parent, name)
  else Reflect.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true })
}
