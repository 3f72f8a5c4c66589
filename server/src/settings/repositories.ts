import { maskSecrets } from '@carillon/environment'
import type { GitDocument, NativeDocument, PatternDocument, RepositoryDocument } from './document-types.js'
import { given, type Making } from './making.js'
import type { GitSettings, NativeSettings, PatternSettings, ProxySettings, RepositorySettings } from './settings.js'
import { SSH_KEYS, sshSettings } from './ssh.js'

/** A Git backend with its pattern repositories. */
export function gitSettings(document: GitDocument, making: Making): GitSettings {
  const main = repositorySettings(document, making)
  const repos = Object.entries(document.repos).map(([name, repo]) =>
    patternSettings(name, inheriting(repo, document), { ...making, key: `${making.key}.repos.${name}` }),
  )
  return { type: 'git', ...main, repos }
}

/** A native backend. `classpath:` locations are left out with a warning: there is no class path. */
export function nativeSettings(document: NativeDocument, { key, report, warn }: Making): NativeSettings {
  const [classPath, searchLocations] = partition(document['search-locations'], (location) => /^classpath\*?:/.test(location))
  for (const location of classPath) warn(`${key}.search-locations: ${location} is left out, there is no class path; use file:`)
  if (searchLocations.length === 0) report(`${key}.search-locations: names no folder; give one such as file:/etc/config`)
  return {
    type: 'native',
    searchLocations,
    defaultLabel: document['default-label'],
    addLabelLocations: document['add-label-locations'],
    ...given('version', document.version),
  }
}

/** What an entry of `repos` takes over from the main repository where it says nothing (spring-compat 3.6). */
function inheriting(repo: PatternDocument, main: RepositoryDocument): PatternDocument {
  const credentials =
    repo.username === undefined && main.username !== undefined
      ? { username: main.username, ...(main.password === undefined ? {} : { password: main.password }) }
      : {}
  return {
    ...Object.fromEntries(SSH_KEYS.map((key) => [key, main[key]])),
    ...repo,
    ...credentials,
    'refresh-rate': repo['refresh-rate'] === 0 ? main['refresh-rate'] : repo['refresh-rate'],
    timeout: repo.timeout === 0 ? main.timeout : repo.timeout,
    'skip-ssl-validation': repo['skip-ssl-validation'] || main['skip-ssl-validation'],
  }
}

function patternSettings(name: string, document: PatternDocument, making: Making): PatternSettings {
  const patterns = document.pattern ?? []
  return { name, patterns: patterns.length === 0 ? [name] : patterns, ...repositorySettings(document, making) }
}

/** A look at a remote ends after this time whatever happens: 0, which is no limit in Spring, means just that (s). */
const LONGEST = 15 * 60

function repositorySettings(document: RepositoryDocument, making: Making): RepositorySettings {
  const uri = document.uri?.trim() ?? ''
  const problem = uriProblem(uri)
  if (problem !== undefined) making.report(`${making.key}.uri: ${problem}`)
  return {
    uri,
    searchPaths: document['search-paths'],
    defaultLabel: document['default-label'],
    tryMasterBranch: document['try-master-branch'],
    continueOnMultipleLabelFailure: document['continue-on-multiple-label-failure'],
    ...given('basedir', document.basedir),
    ...given('username', document.username),
    ...(document.password === undefined ? {} : { password: document.password }),
    refreshRate: document['refresh-rate'],
    timeout: Math.min(document.timeout || LONGEST, LONGEST),
    cloneOnStart: document['clone-on-start'],
    deleteUntrackedBranches: document['delete-untracked-branches'],
    skipSslValidation: document['skip-ssl-validation'],
    ...given('trustCertificate', making.trustCertificate),
    ssh: sshSettings(document, making),
    engine: making.engine,
    maxPacks: making.maxPacks,
    maxDisk: making.maxDisk,
    proxy: { ...proxyFor('http', document, making), ...proxyFor('https', document, making) },
  }
}

function uriProblem(uri: string): string | undefined {
  if (uri === '') return 'is missing; give the address or the folder of a Git repository'
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase()
  const isRemote = scheme !== undefined && ['http', 'https', 'ssh', 'git'].includes(scheme)
  const isShort = /^[^/:{}]+@[^/:]+:/.test(uri)
  if (!isRemote && !isShort && scheme !== undefined && scheme !== 'file')
    return `got ${maskSecrets(uri)}, expected http:, https:, ssh:, file: or a path`
  const host = isRemote ? /^[^:]+:\/\/(?:[^/]*@)?([^/]*)/.exec(uri)?.[1] : isShort ? /@([^:]*):/.exec(uri)?.[1] : undefined
  if (host?.includes('{')) return `got ${maskSecrets(uri)}, but a placeholder must not stand in the host or port`
  return isRemote && !host ? `got ${maskSecrets(uri)}, which has no host` : undefined
}

type ProxyKeys = Readonly<Record<string, string | number | readonly string[] | undefined>>

function proxyFor(
  scheme: 'http' | 'https',
  document: RepositoryDocument,
  { key, report }: Making,
): { readonly [scheme: string]: ProxySettings } {
  const keys = document as unknown as ProxyKeys
  const text = (name: string): string | undefined => keys[`proxy.${scheme}.${name}`]?.toString()
  const host = text('host')
  if (host === undefined || host === '') return {}
  const port = keys[`proxy.${scheme}.port`]
  if (typeof port !== 'number') report(`${key}.proxy.${scheme}.port: is missing`)
  const password = text('password')
  return {
    [scheme]: {
      host,
      port: Number(port ?? 0),
      ...given('username', text('username')),
      ...(password === undefined ? {} : { password }),
      nonProxyHosts: (text('non-proxy-hosts') ?? '')
        .split(/[|,]/)
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    },
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
