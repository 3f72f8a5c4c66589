/** Builds what belongs to a key once, and gives the same from then on. For as long as its owner lives: the keys must be few. */
export function remember<Value extends object>(build: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>()
  return (key) => {
    const found = known.get(key) ?? build(key)
    known.set(key, found)
    return found
  }
}
