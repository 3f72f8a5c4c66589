import type { ServerError } from '../../../server/src/errors.js'
import { type LoadedSettings, loadSettings, type SettingsInput } from '../../../server/src/settings/load.js'
import type { GitSettings } from '../../../server/src/settings/settings.js'

/** A settings input that says only what a test is about; `yml` or `properties` is the text of the file. */
export interface Given {
  readonly yml?: string
  readonly properties?: string
  readonly repo?: string
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: Readonly<Record<string, string>>
  readonly disk?: Readonly<Record<string, 'git' | 'folder'>>
}

export function load({ yml, properties, repo, env = {}, flags = {}, disk = {} }: Given): LoadedSettings {
  const text = yml ?? properties
  const input: SettingsInput = {
    env,
    flags: new Map(Object.entries(flags)),
    probe: (path) => disk[path] ?? 'absent',
    ...(repo === undefined ? {} : { repo }),
    ...(text === undefined
      ? {}
      : { file: { path: yml === undefined ? 'carillon.properties' : 'carillon.yml', bytes: new TextEncoder().encode(text) } }),
  }
  return loadSettings(input)
}

export function problemOf(given: Given): string {
  try {
    load(given)
  } catch (error) {
    const { code, message } = error as ServerError
    return `${code}: ${message}`
  }
  return 'no problem'
}

/** The first backend, which the test knows to be Git. */
export function git(loaded: LoadedSettings): GitSettings {
  const [backend] = loaded.settings.backends
  if (backend?.type !== 'git') throw new Error(`expected a Git backend, got ${backend?.type}`)
  return backend
}

/** A file with one repository, and the given lines below `spring.cloud.config.server`. */
export const server = (...lines: readonly string[]): string =>
  ['spring.cloud.config.server:', '  git.uri: file:///repo', ...lines.map((line) => `  ${line}`)].join('\n')
