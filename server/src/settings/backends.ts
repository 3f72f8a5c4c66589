import type { CompositeEntry, SettingsDocument } from './document-types.js'
import type { Making } from './making.js'
import { gitSettings, nativeSettings } from './repositories.js'
import type { BackendSettings } from './settings.js'

/** Where the REPO argument of the command line leads; it takes the place of every backend in the settings. */
export type ChosenBackend = 'git' | 'native' | undefined

/** Backends of Spring's that Carillon lacks, by profile or by type of a composite entry. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'vault',
  'jdbc',
  'redis',
  'svn',
  'subversion',
  'mongodb',
  'mongo',
  'credhub',
  'awss3',
  'awssecretsmanager',
  'aws-secretsmanager',
  'awsparamstore',
  'secret-manager',
  'gcp-secret-manager',
])

const SERVER = 'spring.cloud.config.server'

interface Ordered {
  readonly order: number | undefined
  readonly backend: BackendSettings
}

/**
 * The backends that the active profiles name, strongest first (spring-compat 4): `composite`, `native` and `git`, several of them
 * by `order`; Git without any of them. Unsupported ones are reported.
 */
export function backendsOf(
  document: SettingsDocument,
  { chosen, ...making }: { readonly chosen: ChosenBackend } & Omit<Making, 'key'>,
): readonly BackendSettings[] {
  const active = [...document['spring.profiles.active'], ...document['spring.profiles.include']]
  for (const name of active) if (UNSUPPORTED.has(name)) making.report(`spring.profiles.active: ${unsupported(name)}`)

  const git = (): Ordered => ({
    order: document[`${SERVER}.git`].order,
    backend: gitSettings(document[`${SERVER}.git`], { ...making, key: `${SERVER}.git` }),
  })
  const native = (): Ordered => ({
    order: document[`${SERVER}.native`].order,
    backend: nativeSettings(document[`${SERVER}.native`], { ...making, key: `${SERVER}.native` }),
  })

  if (chosen !== undefined) return [chosen === 'git' ? git().backend : native().backend]
  const named = [
    ...(active.includes('composite') ? compositeBackends(document[`${SERVER}.composite`], making) : []),
    ...(active.includes('native') ? [native()] : []),
    ...(active.includes('git') ? [git()] : []),
  ]
  if (named.length > 0 || active.includes('composite')) return inOrder(named)
  if (document[`${SERVER}.git`].uri === undefined) {
    making.report(nothingToServe(document))
    return []
  }
  return [git().backend]
}

function compositeBackends(entries: readonly CompositeEntry[], making: Omit<Making, 'key'>): readonly Ordered[] {
  if (entries.length === 0)
    making.report(`${SERVER}.composite: the profile composite is active, but no backend is listed; give ${SERVER}.composite[0].type`)
  return entries.flatMap((entry, index): readonly Ordered[] => {
    const key = `${SERVER}.composite[${index}]`
    const order = entry.order ?? index + 1
    switch (entry.type) {
      case 'git':
        return [{ order, backend: gitSettings(entry, { ...making, key }) }]
      case 'native':
        return [{ order, backend: nativeSettings(entry, { ...making, key }) }]
      default:
        making.report(`${key}.type: ${unsupported(String((entry satisfies never as { readonly type: unknown }).type))}`)
        return []
    }
  })
}

function inOrder(backends: readonly Ordered[]): readonly BackendSettings[] {
  return [...backends]
    .sort((one, other) => (one.order ?? Number.MAX_SAFE_INTEGER) - (other.order ?? Number.MAX_SAFE_INTEGER))
    .map(({ backend }) => backend)
}

function unsupported(name: string): string {
  return UNSUPPORTED.has(name)
    ? `the ${name} backend is not supported, and without it its values would be missing; supported are git, native and composite`
    : `got "${name}", expected git or native`
}

function nothingToServe(document: SettingsDocument): string {
  const hint =
    document[`${SERVER}.composite`].length > 0 ? ` (${SERVER}.composite is only used with spring.profiles.active: composite)` : ''
  return `there is no repository to serve${hint}; give one: carillon serve REPO, or ${SERVER}.git.uri, or spring.profiles.active: native with ${SERVER}.native.search-locations`
}
