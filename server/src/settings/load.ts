import { resolve } from 'node:path'
import { ServerError } from '../errors.js'
import type { ChosenBackend } from './backends.js'
import { buildSettings } from './build.js'
import { checkDocument } from './check.js'
import { type Built, buildDocument, type PlaceholderSources } from './document.js'
import type { SettingsDocument } from './document-types.js'
import type { ReadFile } from './keys.js'
import { applying, type FileLayer, fileLayers, flagLayer, jsonLayer, keyEntry, type Layer, variableLayer } from './layers.js'
import { type Leaf, type Merged, mergeLayers, pointerOf } from './merge.js'
import { ownDecryption } from './own-ciphers.js'
import { printTable, provenanceOf, type SettingProvenance } from './print.js'
import { settingsSchema } from './schema.js'
import type { Settings } from './settings.js'
import { slipOf } from './suggest.js'

export type { SettingProvenance } from './print.js'

/** What settings are made of; all I/O is the caller's. */
export interface SettingsInput {
  /** A folder in or with a Git repository, a bare repository, a plain folder, a `file:` URI, or the address of a repository. */
  readonly repo?: string
  /** A settings file with Spring's keys, `.yml`, `.yaml` or `.properties`. */
  readonly file?: { readonly path: string; readonly bytes: Uint8Array }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Canonical key to text: `server.port` to `0`. */
  readonly flags: ReadonlyMap<string, string>
  /** What is at a path of the file system. */
  readonly probe: (path: string) => 'git' | 'folder' | 'absent'
  /** The content of a file that holds keys; needed where settings are encrypted with such a key. Throws where it cannot be read. */
  readonly read?: ReadFile
}

/** The settings with where each came from, and what the user should know. */
export interface LoadedSettings {
  readonly settings: Settings
  readonly provenance: readonly SettingProvenance[]
  readonly warnings: readonly string[]
}

/**
 * Builds the settings: defaults < file < environment < `SPRING_APPLICATION_JSON` < REPO and flags. Throws `invalid-settings` with every
 * problem and its place, and what `parseFile` throws for the file.
 */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const problems: string[] = []
  const warnings: string[] = []
  const repo = repoLayer(input, { report: (problem) => problems.push(problem), warn: (warning) => warnings.push(warning) })
  const layers = layersOf(input, repo.layer)
  const merged = mergeLayers(settingsSchema, [...layers.weak, layers.variables, ...layers.strong])
  const decrypt = ownDecryption({
    document: () => partOf(merged, ENCRYPT_KEYS, { ...layers, env: input.env }),
    read: input.read ?? cannotRead,
    report: (problem) => problems.push(problem),
    warn: (warning) => warnings.push(warning),
  })
  const built = buildDocument(merged, { ...layers, env: input.env, decrypt })
  const marks = marksOf(merged.marked)
  warnings.push(...marks.warnings)
  problems.push(...marks.problems, ...built.problems, ...checkDocument(built))
  if (problems.length > 0) throw invalid(problems)

  const pushed = withDefaultLabel(built)
  const document = pushed.document as unknown as SettingsDocument
  const isGiven = (key: string): boolean => pushed.entries.has(pointerOf([key]))
  const settings = buildSettings(document, {
    chosen: repo.chosen,
    isGiven,
    report: (problem) => problems.push(problem),
    warn: (warning) => warnings.push(warning),
  })
  if (problems.length > 0) throw invalid(problems)
  return deepFrozen({ settings, provenance: provenanceOf(settingsSchema, document, pushed.entries), warnings })
}

/** The settings as a table for people, with the source of each value; secrets and credentials in URIs are masked. */
export function printSettings(loaded: LoadedSettings): string {
  return printTable(loaded.provenance)
}

interface Layers {
  readonly weak: readonly Layer[]
  readonly variables: Layer
  readonly strong: readonly Layer[]
}

function layersOf(input: SettingsInput, repo: Layer): Layers {
  const documents = input.file === undefined ? [] : fileLayers(input.file)
  const variables = variableLayer(input.env)
  const strong = [jsonLayer(input.env.SPRING_APPLICATION_JSON), repo, flagLayer(input.flags)]
  const profiles = activeProfiles(documents, { variables, strong, env: input.env })
  return { weak: applying(documents, profiles), variables, strong }
}

type Others = Omit<Layers, 'weak'> & Pick<SettingsInput, 'env'>

/** The profiles that documents with a condition are asked about: named by the other documents, the environment or a flag, as in Spring Boot. */
function activeProfiles(documents: readonly FileLayer[], { variables, strong, env }: Others): ReadonlySet<string> {
  const weak = documents.filter(({ onProfile, onPlatform }) => onProfile.length === 0 && !onPlatform).map(({ entries }) => entries)
  const merged = mergeLayers(settingsSchema, [...weak, variables, ...strong])
  const document = partOf(merged, PROFILE_KEYS, { strong, env, weak })
  const profiles = [...(document['spring.profiles.active'] ?? []), ...(document['spring.profiles.include'] ?? [])]
  return new Set(profiles.length === 0 ? ['default'] : profiles)
}

const PROFILE_KEYS = /^\/spring\.profiles\.(active|include)(\/|$)/
const ENCRYPT_KEYS = /^\/(carillon\.)?encrypt\./

/** The keys that fit, ahead of the others: with them the rest is read. Nothing of it is checked yet, and defaults are missing. */
function partOf(merged: Merged, keys: RegExp, sources: PlaceholderSources): Partial<SettingsDocument> {
  const leaves = new Map([...merged.leaves].filter(([pointer]) => keys.test(pointer)))
  return buildDocument({ leaves, marked: [] }, sources).document
}

function cannotRead(): never {
  throw new Error('there is no way to read files')
}

interface Repo {
  readonly layer: Layer
  readonly chosen: ChosenBackend
}

interface Reports {
  readonly report: (problem: string) => void
  readonly warn: (warning: string) => void
}

const GIT_URI = 'spring.cloud.config.server.git.uri'
const LOCATION = 'spring.cloud.config.server.native.search-locations[0]'

function repoLayer({ repo, probe }: SettingsInput, { report, warn }: Reports): Repo {
  if (repo === undefined) return { layer: [], chosen: undefined }
  const git = (uri: string): Repo => ({ layer: [keyEntry(GIT_URI, uri, 'REPO')], chosen: 'git' })
  if (/^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(repo) || /^[^/\s:]+@[^/\s:]+:/.test(repo)) return git(repo)
  const path = resolve(pathOfRepo(repo))
  // What stands behind a placeholder shows only when somebody asks.
  if (path.includes('{')) return git(fileUri(path))
  switch (probe(path)) {
    case 'git':
      return git(fileUri(path))
    case 'folder':
      warn(`${path} is no Git repository: it is served as it is, without versions and labels (native)`)
      return { layer: [keyEntry(LOCATION, fileUri(path), 'REPO')], chosen: 'native' }
    case 'absent':
      report(`REPO: there is no ${path}; give a folder or the address of a Git repository`)
      return { layer: [], chosen: undefined }
  }
}

/** Spring's spelling, which clients see in source names: `file://` and the path as it is, but for what would end a path. */
function fileUri(path: string): string {
  return `file://${path.replace(/[%?#]/g, encodeURIComponent)}`
}

/** The path that REPO names: itself, or that of a `file:` address, escapes decoded. */
export function pathOfRepo(repo: string): string {
  if (!repo.startsWith('file:')) return repo
  return decodeURIComponent(repo.replace(/^file:(\/\/(localhost)?(?=\/))?/, '').replace(/%(?![0-9a-f]{2})/gi, '%25'))
}

function marksOf(marked: readonly Leaf[]): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  const problems: string[] = []
  const warnings: string[] = []
  for (const { entry, route } of marked) {
    const slip = route.mark?.kind === 'unsupported' && route.path.length > 1 ? slipOf(entry.key) : undefined
    if (slip !== undefined) problems.push(`${entry.key} (${entry.place}) is not a known key; the nearest is ${slip}`)
    else if (route.mark?.kind === 'refused') problems.push(`${entry.key} (${entry.place}) is not supported: ${route.mark.reason}`)
    else warnings.push(`${entry.key} (${entry.place}) has no effect: ${route.mark?.reason}`)
  }
  return { problems, warnings }
}

/** The server's own default label wins over that of the main repository, of native and of composite entries (spring-compat 1.13). */
function withDefaultLabel({ document, entries }: Built): Pick<Built, 'document' | 'entries'> {
  const key = 'spring.cloud.config.server.default-label'
  const label = document[key]
  const entry = entries.get(pointerOf([key]))
  if (typeof label !== 'string' || label.trim() === '' || entry === undefined) return { document, entries }
  const [git, native, composite] = ['git', 'native', 'composite'].map((name) => `spring.cloud.config.server.${name}`) as [
    string,
    string,
    string,
  ]
  const labelled = (backend: unknown): unknown => ({ ...(backend as object), 'default-label': label })
  const backends = document[composite] as readonly unknown[]
  const paths = [[git], [native], ...backends.map((_, index) => [composite, index])]
  return {
    document: { ...document, [git]: labelled(document[git]), [native]: labelled(document[native]), [composite]: backends.map(labelled) },
    entries: new Map([...entries, ...paths.map((path) => [pointerOf([...path, 'default-label']), entry] as const)]),
  }
}

function invalid(problems: readonly string[]): ServerError {
  const list = problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  - ${problem}`).join('')
  return new ServerError('invalid-settings', `the settings cannot be used:${list}`)
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(deepFrozen)
  return Object.freeze(value)
}
