import { isDeepStrictEqual } from 'node:util'
import type { KeyChange } from './config.js'
import type { Json } from './json.js'
import { isPlain } from './resolve/freeze.js'

/** What differs between two sets of flat keys: what is new or has another value in the order of the new one, then what is gone. */
export function changesBetween(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): ReadonlyMap<string, KeyChange> {
  const changes = new Map<string, KeyChange>()
  for (const [key, now] of after) {
    const was = before.get(key)
    if (was === undefined) changes.set(key, { op: 'add', now })
    else if (was !== now && !isDeepStrictEqual(was, now)) changes.set(key, { op: 'set', was, now })
  }
  for (const [key, was] of before) if (!after.has(key)) changes.set(key, { op: 'del', was })
  return changes
}

/**
 * `next` with the parts of `previous` that are equal, so that `===` tells whether something changed. Frozen where it is made anew, in linear time.
 * An instance of a class is equal to another where nothing that can be seen of it differs; one that shows nothing is never equal.
 */
export function reuse(previous: unknown, next: unknown): unknown {
  return reusing(previous, next, new Set())
}

function reusing(previous: unknown, next: unknown, ancestors: Set<object>): unknown {
  if (Object.is(previous, next)) return previous
  if (!isPlain(next)) return isSameInstance(previous, next) ? previous : next
  // A value that holds itself is compared no further
  if (ancestors.has(next)) return next
  const was = isPlain(previous) && Object.getPrototypeOf(previous) === Object.getPrototypeOf(next) ? previous : undefined
  if (was === undefined) return next
  ancestors.add(next)
  const made = reusingParts(was, next, ancestors)
  ancestors.delete(next)
  return made
}

function reusingParts(previous: object, next: object, ancestors: Set<object>): unknown {
  const names = Reflect.ownKeys(next)
  let isSame = names.length === Reflect.ownKeys(previous).length
  let isReused = false
  const parts = names.map((name) => {
    const part: unknown = Reflect.get(next, name)
    const has = Object.hasOwn(previous, name)
    const was: unknown = has ? Reflect.get(previous, name) : undefined
    const made = has ? reusing(was, part, ancestors) : part
    isSame &&= has && Object.is(made, was)
    isReused ||= !Object.is(made, part)
    return [name, made] as const
  })
  if (isSame) return previous
  return isReused ? rebuilt(next, parts) : next
}

function rebuilt(next: object, parts: readonly (readonly [string | symbol, unknown])[]): unknown {
  if (Array.isArray(next)) {
    const list: unknown[] = []
    for (const [index, part] of parts) if (index !== 'length') Reflect.set(list, index, part)
    return Object.freeze(list)
  }
  const map: object = Object.create(Object.getPrototypeOf(next))
  for (const [name, value] of parts)
    Object.defineProperty(map, name, { value, enumerable: Object.prototype.propertyIsEnumerable.call(next, name) })
  return Object.freeze(map)
}

/** `isDeepStrictEqual` does not see private fields: all objects that have nothing else are equal to it. So what they say of themselves counts too. */
function isSameInstance(previous: unknown, next: unknown): boolean {
  if (typeof previous !== 'object' || previous === null || typeof next !== 'object' || next === null) return false
  try {
    return isDeepStrictEqual(previous, next) && saySame(previous, next)
  } catch {
    // What cannot be compared is told as a change
    return false
  }
}

function saySame(previous: object, next: object): boolean {
  if (previous instanceof Map || previous instanceof Set) {
    const parts = [...previous]
    return reuse(parts, [...(next as Iterable<unknown>)]) === parts
  }
  if (isBuiltIn(previous)) return true
  if (typeof (previous as { readonly toJSON?: unknown }).toJSON === 'function') return JSON.stringify(previous) === JSON.stringify(next)
  if (previous.toString !== Object.prototype.toString) return String(previous) === String(next)
  return Object.keys(previous).length > 0
}

function isBuiltIn(instance: object): boolean {
  return [Date, RegExp, ArrayBuffer].some((kind) => instance instanceof kind) || ArrayBuffer.isView(instance)
}
