/**
 * Keys in the order in which Java's hash tables give them, for keys that Spring keeps in one: the order shows in its text formats. `places` is the size
 * of the empty table, a power of two; it doubles when three quarters are taken, as java.util.concurrent.ConcurrentHashMap does it.
 */
export function javaHashOrder(keys: readonly string[], places: number): readonly string[] {
  let table: Entry[][] = Array.from({ length: places }, () => [])
  for (const [index, key] of keys.entries()) {
    const code = javaHash(key)
    const hash = code ^ (code >>> 16)
    table[hash & (table.length - 1)]?.push({ key, hash })
    if (index + 1 >= table.length * 0.75) table = doubled(table)
  }
  return table.flat().map(({ key }) => key)
}

interface Entry {
  readonly key: string
  readonly hash: number
}

/** Each chain becomes two. Its last run of equal destinations is kept as it is; what stands before it is put in front, one by one. */
function doubled(table: readonly (readonly Entry[])[]): Entry[][] {
  const size = table.length
  const next: Entry[][] = Array.from({ length: size * 2 }, () => [])
  for (const [place, chain] of table.entries()) {
    const side = ({ hash }: Entry): number => (hash & size) + place
    let run = chain.length - 1
    while (run > 0 && side(chain[run - 1] as Entry) === side(chain[run] as Entry)) run--
    for (const entry of chain.slice(Math.max(run, 0))) next[side(entry)]?.push(entry)
    for (const entry of chain.slice(0, Math.max(run, 0))) next[side(entry)]?.unshift(entry)
  }
  return next
}

function javaHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0
  return hash
}
