/** Collects what is odd. Keys and sources, never values. */
export interface WarningList {
  readonly add: (warning: string) => void
  readonly list: () => readonly string[]
}

/** More than this nobody reads. */
const MAX_WARNINGS = 50

/** Each warning once, and no more than fifty; then how many more there are. */
export function createWarnings(): WarningList {
  const warnings = new Set<string>()
  return {
    add: (warning) => warnings.add(warning),
    list: () => {
      const all = [...warnings]
      return all.length <= MAX_WARNINGS ? all : [...all.slice(0, MAX_WARNINGS), `and ${all.length - MAX_WARNINGS} more of this kind`]
    },
  }
}
