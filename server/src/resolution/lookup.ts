import type { Property } from '@carillon/environment'
import { ServerError } from '../errors.js'
import {
  type ActivationContext,
  adopt,
  type ContributedDocument,
  type Contributor,
  directivesOf,
  documentContributor,
  type ImportPhase,
  isActive,
  placeholdersIn,
  searchContributor,
  walk,
} from './contributors.js'
import { checkDirectives, findIncludes, findPlatform, findProperty, illegalProperty, placedAt, profileGroups } from './directives.js'
import type { ParsedDocument } from './parse/index.js'
import { expandProfiles, ignoresProfilesOfFiles, requireValidProfiles } from './profiles.js'
import { importLocations, type Location, type Reference, referencesOf } from './references.js'

/** The files of one snapshot, parsed. Paths are clean; `undefined` says that there is no such file. */
export interface LookupFiles {
  /** Those of the paths that are files. */
  readonly present: (paths: readonly string[]) => Promise<ReadonlySet<string>>
  readonly read: (path: string, extension: string) => Promise<readonly ParsedDocument[] | undefined>
  readonly folders: (folder: string) => Promise<readonly string[]>
}

export interface Lookup {
  readonly applications: readonly string[]
  readonly profiles: readonly string[]
  /** Folders to search, weakest first. */
  readonly locations: readonly Location[]
}

/** How many files one request may touch; a chain of imports beyond it is an error of the repository. */
const MAX_FILES = 1_000

/** How many flat keys the files of one request may hold: each of them may hold fewer than that by its own limit. */
const MAX_KEYS = 250_000

/**
 * Finds the documents that apply to a request, strongest first, by the rules of Spring Boot's config data: search locations, imports, profiles that
 * files include or group, documents that activate on a profile or a platform. Throws `illegal-property` with its place, and what `files` throws.
 */
export async function lookUp(files: LookupFiles, lookup: Lookup): Promise<readonly ContributedDocument[]> {
  const search = startSearch(files, lookup)
  await importFrom(search, search.root, { phase: 'before' })
  const platform = enforcedPlatform(search)
  await importFrom(search, search.root, { phase: 'before', context: { platform } })
  const context = { platform, profiles: acceptedProfiles(search, { platform }) }
  await importFrom(search, search.root, { phase: 'after', context })
  const applied: ContributedDocument[] = []
  for (const contributor of walk([search.root])) {
    checkDirectives(contributor.index, contributor.fromProfile && !search.ignoreProfiles ? 'profile-specific' : 'plain')
    if (contributor.document !== undefined && isActive(contributor, [search.root], context)) applied.push(contributor.document)
  }
  return applied
}

interface Search {
  readonly files: LookupFiles
  readonly profiles: readonly string[]
  /** Base names, weakest first. */
  readonly names: readonly string[]
  readonly ignoreProfiles: boolean
  readonly root: Contributor
  /** Paths loaded so far: a file is loaded once, where it was met first. */
  readonly loaded: Set<string>
  /** Flat keys in what was loaded so far. */
  keys: number
}

interface Stage {
  readonly phase: ImportPhase
  readonly context?: ActivationContext
}

function startSearch(files: LookupFiles, { applications, profiles, locations }: Lookup): Search {
  const listed = applications.length === 1 && applications[0] === 'application' ? applications : ['application', ...applications]
  // A name that is listed twice counts where it is stronger.
  const names = [...new Set(listed.toReversed())].toReversed()
  const root = searchContributor(locations)
  return { files, profiles, names, ignoreProfiles: ignoresProfilesOfFiles(profiles), root, loaded: new Set(), keys: 0 }
}

/** Children before their parent, strongest first: Spring Boot's order of loading, which decides where a file that is named twice ends up. */
async function importFrom(search: Search, contributor: Contributor, stage: Stage): Promise<void> {
  for (const child of [...(contributor.children.after ?? []), ...(contributor.children.before ?? [])]) {
    await importFrom(search, child, stage)
  }
  if (contributor.children[stage.phase] !== undefined) return
  const imports = importsOf(search, contributor, stage)
  if (imports.length === 0) return
  const children = await load(search, await atImports(contributor, referencesIn(search, imports, stage)))
  adopt(contributor, stage.phase, children)
  for (const child of children) await importFrom(search, child, stage)
}

/** Each import with the locations that it splits into. All search locations together are one import. */
function importsOf(search: Search, contributor: Contributor, { context }: Stage): readonly (readonly Location[])[] {
  if (contributor.locations !== undefined) return [contributor.locations]
  const { imports } = directivesOf(contributor, [search.root], context)
  const reference = contributor.document?.reference
  if (imports.length === 0 || reference === undefined || !isActive(contributor, [search.root], context)) return []
  return imports.map((text) => importLocations(text, reference))
}

async function atImports<Result>({ index }: Contributor, running: Promise<Result>): Promise<Result> {
  try {
    return await running
  } catch (error) {
    throw placedAt(error, findProperty(index, ['spring.config.import', 'spring.config.import[0]']))
  }
}

/** Weakest first: an import's plain files, then its variants profile by profile, then the next import. */
async function referencesIn(search: Search, imports: readonly (readonly Location[])[], { context }: Stage): Promise<readonly Reference[]> {
  const { names, files } = search
  const references: Reference[] = []
  for (const locations of imports) {
    for (const location of locations) references.push(...(await referencesOf(location, { names, folders: files.folders })))
    for (const profile of context?.profiles ?? []) {
      for (const location of locations) references.push(...(await referencesOf(location, { names, profile, folders: files.folders })))
    }
  }
  return references
}

/** Loads from the strongest reference to the weakest, so that a file that is meant twice takes the stronger place. */
async function load(search: Search, references: readonly Reference[]): Promise<Contributor[]> {
  const contributors: Contributor[] = []
  const meant = references.toReversed()
  const present = await search.files.present(meant.map(({ path }) => path))
  for (const reference of meant) {
    if (search.loaded.has(reference.path) || !present.has(reference.path)) continue
    const documents = await search.files.read(reference.path, reference.extension)
    if (documents === undefined) continue
    search.loaded.add(reference.path)
    if (search.loaded.size > MAX_FILES) throw tooManyFiles(reference)
    for (const { properties } of documents) search.keys += properties.size
    if (search.keys > MAX_KEYS) throw tooManyKeys(search, reference)
    const count = documents.length
    const found = documents.map((document, index) => documentContributor({ ...document, reference, index, count }))
    contributors.push(...found.toReversed())
  }
  return contributors
}

function tooManyFiles({ path }: Reference): ServerError {
  return new ServerError('too-large', `More than ${MAX_FILES} files apply to one request; the last one read was '${path}'.`, { file: path })
}

function tooManyKeys({ keys }: Search, { path }: Reference): ServerError {
  const message = `The files of one request hold ${keys} keys with those of '${path}': expected at most ${MAX_KEYS}.`
  return new ServerError('too-large', message, { file: path })
}

function enforcedPlatform(search: Search): string {
  const resolve = placeholdersIn([search.root], undefined)
  for (const contributor of walk([search.root])) {
    const platform = findPlatform(contributor.index, resolve)
    if (platform !== undefined) return platform
  }
  return 'none'
}

/** The profiles asked for and those that files include, each followed by its group; files have no say where the first is `default`. */
function acceptedProfiles(search: Search, context: ActivationContext): readonly string[] {
  if (search.ignoreProfiles) return expandProfiles(search.profiles, new Map())
  const contributors = [...walk([search.root])]
  const included = contributors.flatMap((contributor) => includesOf(search, contributor, context))
  const groups = profileGroups(
    contributors.map(({ index }) => index),
    placeholdersIn([search.root], context),
  )
  for (const [group, members] of groups) validAt(groupProperty(contributors, group), 'spring.profiles.group', members)
  return expandProfiles([...search.profiles, ...included], groups)
}

function includesOf(search: Search, contributor: Contributor, context: ActivationContext): readonly string[] {
  const includes = findIncludes(contributor.index, placeholdersIn([search.root], context))
  if (includes === undefined) return []
  const property = findProperty(contributor.index, ['spring.profiles.include', 'spring.profiles.include[0]'])
  if (!isActive(contributor, [search.root], context)) {
    throw illegalProperty("'spring.profiles.include' must not stand in a document that activates on a profile.", property?.origin)
  }
  return validAt(property, 'spring.profiles.include', includes)
}

/** Where the strongest document says what a group holds. */
function groupProperty(contributors: readonly Contributor[], group: string): Property | undefined {
  for (const { index } of contributors) {
    const name = index.groups.get(group)
    const property = name === undefined ? undefined : findProperty(index, [name, `${name}[0]`])
    if (property !== undefined) return property
  }
  return undefined
}

function validAt(property: Property | undefined, key: string, profiles: readonly string[]): readonly string[] {
  try {
    return requireValidProfiles(profiles, key)
  } catch (error) {
    throw placedAt(error, property)
  }
}
