/** Freezes plain objects and lists, and what is below them. Other objects (dates, maps, instances of classes) belong to whoever made them. */
export function deepFreeze<T>(value: T): T {
  const seen = new Set<object>()
  const freeze = (part: unknown): void => {
    // What is frozen may hold what is not
    if (!isPlain(part) || seen.has(part)) return
    seen.add(part)
    Object.freeze(part)
    for (const item of Object.values(part)) freeze(item)
  }
  freeze(value)
  return value
}

/** Lists, and objects without a class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
