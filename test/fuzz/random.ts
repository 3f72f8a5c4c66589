/** Repeatable choices. The same seed gives the same choices on every machine and in every version: the generators are read back from a seed that somebody noted down. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** `count` different items, in their order (fewer when there are fewer). */
  some<T>(items: readonly T[], count: number): T[]
  shuffle<T>(items: readonly T[]): T[]
  /** A generator of its own, so that a change in one part leaves the choices of the others alone. */
  fork(name: string): Random
}

/** Choices from a text (sfc32 over a FNV-1a hash of it). */
export const createRandom = (seed: string): Random => {
  const next = sfc32(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  const shuffle = <T>(items: readonly T[]): T[] => {
    const mixed = [...items]
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T]
    }
    return mixed
  }
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('pick: got an empty list, expected one item at least')
    return items[below(items.length)] as T
  }
  const some = <T>(items: readonly T[], count: number): T[] => {
    const chosen = new Set(shuffle(items.map((_, index) => index)).slice(0, count))
    return items.filter((_, index) => chosen.has(index))
  }
  return { below, chance: (probability) => next() < probability, pick, some, shuffle, fork: (name) => createRandom(`${seed}/${name}`) }
}

const hash = (text: string, start: number): number => {
  let value = start
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16777619)
  return value >>> 0
}

const sfc32 = (seed: string): (() => number) => {
  let [a, b, c, counter] = [hash(seed, 2166136261), hash(seed, 40503), hash(seed, 77777), 1]
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4294967296
  }
  for (let i = 0; i < 15; i++) next()
  return next
}
