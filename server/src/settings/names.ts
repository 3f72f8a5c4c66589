/**
 * The steps of a key as Spring writes it: `a.b[0].c` is `a`, `b`, `0`, `c`; what stands in brackets is one step, dots included.
 */
export function stepsOfKey(key: string): readonly string[] {
  return [...key.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map((match) => match[1] ?? match[2] ?? '')
}

/** The steps of an environment variable: `SERVER_SSL_KEYSTORE` is `server`, `ssl`, `keystore`. */
export function stepsOfVariable(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split('_')
    .filter((step) => step !== '')
}

/** What Spring's relaxed binding compares: `searchPaths`, `search-paths` and `SEARCH_PATHS` are all `searchpaths`; dots stay. */
export function uniform(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '')
}

/** A key as its namesakes in any spelling have it: steps in uniform letters, joined by dots. */
export function uniformKey(key: string): string {
  return stepsOfKey(key).map(uniform).join('.')
}

/**
 * The names under which an environment variable may give a key, in lower case: dashes fall away (Spring's rule) or become `_`
 * (its older rule, which it still follows).
 */
export function variableForms(key: string): readonly string[] {
  const steps = stepsOfKey(key).join('_').toLowerCase()
  return [...new Set([steps.replaceAll('-', ''), steps.replaceAll('-', '_')])]
}

/** A key as people type it: kebab-case, lower case. */
export function kebab(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
