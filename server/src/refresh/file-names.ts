import { configExtensions } from '../resolution/parse/index.js'
import { isValidProfile } from '../resolution/profiles.js'
import { isApplication } from './search-scopes.js'

/** One way to read a file's name: as the file of an application (`application` for all), plain or for a profile. */
export interface NameReading {
  readonly application: string
  readonly profile?: string
}

/** Whether a path ends like a configuration file; gives the extension. */
export function configExtension(path: string): string | undefined {
  return configExtensions.find((extension) => path.endsWith(`.${extension}`))
}

/**
 * All ways to read a path below a searched folder: `x-y-z.yml` is of application `x-y-z`, of `x-y` for profile `z`, of `x` for profile `y-z`.
 * The name may hold `/`, a profile never does. Nothing for a file that is no configuration.
 */
export function nameReadings(path: string): readonly NameReading[] {
  const extension = configExtension(path)
  if (extension === undefined) return []
  const stem = path.slice(0, -extension.length - 1)
  const readings: NameReading[] = isApplication(stem) ? [{ application: stem }] : []
  for (const dash of dashes(stem)) {
    const [application, profile] = [stem.slice(0, dash), stem.slice(dash + 1)]
    if (isApplication(application) && isValidProfile(profile)) readings.push({ application, profile })
  }
  return readings
}

/** Where a profile may be cut off: each `-` in the last segment. */
export function dashes(path: string): readonly number[] {
  const found: number[] = []
  for (let dash = path.indexOf('-', path.lastIndexOf('/') + 1); dash !== -1; dash = path.indexOf('-', dash + 1)) found.push(dash)
  return found
}

/** A file seen from the root and from each folder above it: the folder, and the path from there. */
export function seenFrom(path: string): readonly { readonly folder: string; readonly rest: string }[] {
  const seen = [{ folder: '', rest: path }]
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    seen.push({ folder: path.slice(0, slash), rest: path.slice(slash + 1) })
  }
  return seen
}
