/** A map that cannot be changed: settings are built once. */
export function frozenMap<Key, Value>(entries: Iterable<readonly [Key, Value]>): ReadonlyMap<Key, Value> {
  const refuse = (): never => {
    throw new TypeError('settings are frozen')
  }
  return Object.defineProperties(new Map(entries), { set: { value: refuse }, delete: { value: refuse }, clear: { value: refuse } })
}
