import { ConfigError } from './errors.js'
import type { Resolved } from './resolve/resolved.js'

/** Reads values at paths; what was found once is found again at once. */
export interface Reader {
  /** The value, or the first of `otherwise`. Throws 'no-such-key' with the nearest paths where there is neither. */
  readonly get: (path: string, ...otherwise: readonly unknown[]) => unknown
  readonly has: (path: string) => boolean
}

export function readerOf(resolved: Resolved): Reader {
  const found = new Map<string, unknown>()
  const search = (path: string, otherwise: readonly unknown[]): unknown => {
    const value = resolved.find(path)?.value
    if (value === undefined || value === null) {
      if (otherwise.length > 0) return otherwise[0]
      if (value === null) return value
      throw noSuchKey(path, resolved.nearest(path))
    }
    found.set(path, value)
    return value
  }
  return {
    get: (path, ...otherwise) => found.get(path) ?? search(path, otherwise),
    has: (path) => resolved.find(path) !== undefined,
  }
}

function noSuchKey(path: string, nearest: readonly string[]): ConfigError {
  const hint = nearest.length > 0 ? `Did you mean '${nearest.join("' or '")}'?` : undefined
  return new ConfigError('no-such-key', `There is no value at '${path}'.`, hint === undefined ? {} : { hint })
}
