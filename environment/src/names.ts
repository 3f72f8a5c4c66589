/** A step of a key. What stands in brackets is one step, dots included: an index, or the key of a map as it is. */
export interface KeyStep {
  readonly text: string
  readonly bracketed: boolean
}

/** The steps of a key as Spring writes it: `a.b[0].c` is `a`, `b`, `0`, `c`. Empty steps outside of brackets do not count, as in Spring's binder. */
export function parseKey(key: string): readonly KeyStep[] {
  const steps: KeyStep[] = []
  let from = 0
  const lastBracket = key.lastIndexOf(']')
  const endStep = (at: number): void => {
    if (at > from) steps.push({ text: key.slice(from, at), bracketed: false })
    from = at + 1
  }
  for (let at = 0; at < key.length; at++) {
    const char = key[at]
    if (char !== '.' && char !== '[' && char !== ']') continue
    endStep(at)
    if (char !== '[' || at > lastBracket) continue
    const end = key.indexOf(']', at)
    steps.push({ text: key.slice(at + 1, end), bracketed: true })
    at = end
    from = end + 1
  }
  endStep(key.length)
  return steps
}

/** The texts of the steps of a key: `a.b[0].c` is `a`, `b`, `0`, `c`. */
export function stepsOfKey(key: string): readonly string[] {
  return parseKey(key).map(({ text }) => text)
}

/** What Spring's relaxed binding compares: `searchPaths`, `search-paths` and `SEARCH_PATHS` are all `searchpaths`; dots stay. */
export function uniform(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '')
}

/** A key as its namesakes in any spelling have it: steps in uniform letters, joined by dots. */
export function uniformKey(key: string): string {
  return stepsOfKey(key).map(uniform).join('.')
}

/** A key as people type it: kebab-case, lower case. */
export function kebab(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
