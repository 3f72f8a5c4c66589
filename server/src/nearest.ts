import { distance } from 'fastest-levenshtein'

/** How many names may differ in how many letters, at most, and how many of them are wanted. */
export interface Nearness {
  readonly within: number
  readonly most: number
}

/** More are not looked at, so that a wrong name costs little. */
const MOST_LOOKED_AT = 5_000

/** The names that take the fewest changes of letters to become the wanted one, whatever their case; the nearest first. */
export function nearestNames(wanted: string, names: Iterable<string>, { within, most }: Nearness): readonly string[] {
  const lower = wanted.toLowerCase()
  const near: { readonly name: string; readonly changes: number }[] = []
  let looked = 0
  for (const name of names) {
    looked += 1
    if (looked > MOST_LOOKED_AT) break
    if (Math.abs(name.length - lower.length) > within) continue
    const changes = distance(lower, name.toLowerCase())
    if (changes <= within) near.push({ name, changes })
  }
  return near
    .sort((a, b) => a.changes - b.changes)
    .slice(0, most)
    .map(({ name }) => name)
}
