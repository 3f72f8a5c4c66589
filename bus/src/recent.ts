/** The last so many entries by key; what was set first is forgotten first. */
export interface Recent<Value> {
  readonly get: (key: string) => Value | undefined
  /** Whether the key was new. A known key keeps its value. */
  readonly add: (key: string, value: Value) => boolean
}

/** A memory of at most `limit` entries. */
export function remember<Value>(limit: number): Recent<Value> {
  const entries = new Map<string, Value>()
  return {
    get: (key) => entries.get(key),
    add: (key, value) => {
      if (entries.has(key)) return false
      const [oldest] = entries.size < limit ? [] : entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
      entries.set(key, value)
      return true
    },
  }
}
