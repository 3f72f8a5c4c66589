import { EnvironmentError, type Property, type PropertyOrigin, scalarText } from '@carillon/environment'
import { ServerError } from '../errors.js'
import type { ProfileGroups } from './profiles.js'

/** What a document says about itself and others, rather than about the application. Names are matched relaxed, as Spring Boot's binder does. */
export interface Directives {
  readonly imports: readonly string[]
  readonly activation?: Activation
}

/** When a document applies; an empty list of profiles is no condition. */
export interface Activation {
  readonly platform?: string
  readonly profiles: readonly string[]
}

/** The properties of one document that may be directives by their uniform name: lower case, without dashes and underscores. */
export interface DirectiveIndex {
  readonly byName: ReadonlyMap<string, IndexedProperty>
  /** Profile groups as they are spelled, with the uniform name that holds their members: `dev` and `DEV` are two groups of one name. */
  readonly groups: ReadonlyMap<string, string>
}

interface IndexedProperty extends Property {
  readonly key: string
}

export type ResolveText = (text: string) => string

/** A document that many requests share is looked through once. */
const indexes = new WeakMap<ReadonlyMap<string, Property>, DirectiveIndex>()

/** Indexes the few properties of a document that can be directives; the others cost one comparison. */
export function indexDirectives(properties: ReadonlyMap<string, Property>): DirectiveIndex {
  const known = indexes.get(properties) ?? indexOf(properties)
  indexes.set(properties, known)
  return known
}

function indexOf(properties: ReadonlyMap<string, Property>): DirectiveIndex {
  const byName = new Map<string, IndexedProperty>()
  const groups = new Map<string, string>()
  for (const [key, property] of properties) {
    if (!MAY_BE_DIRECTIVE.test(key)) continue
    const name = uniformName(key)
    if (!name.startsWith('spring')) continue
    if (!byName.has(name)) byName.set(name, { ...property, key })
    if (/^spring\.profiles\.group[.[]/.test(name)) groups.set(groupName(key), name.replace(/\[\d+\]$/, ''))
  }
  return { byName, groups }
}

/** `spring` and the first letter of `config`, `profiles` or `main`, in either case, with what uniform names leave out between them. */
const MAY_BE_DIRECTIVE = /^[^a-z0-9]*s[^a-z0-9]*p[^a-z0-9]*r[^a-z0-9]*[i\u0130][^a-z0-9]*n[^a-z0-9]*g[^a-z0-9]*[cpm]/i

/** Whether a property of this uniform name can steer what applies: a longer list than the directives, and never too short. */
export function isDirective(uniformName: string): boolean {
  return /^spring\.?\[?(config|profiles|main)/.test(uniformName)
}

/** Reads `spring.config.import` and `spring.config.activate.*`. Throws `illegal-property` for a cloud platform that does not exist. */
export function bindDirectives(index: DirectiveIndex, resolve: ResolveText): Directives {
  const imports = findList(index, 'spring.config.import', resolve) ?? []
  const platform = findText(index, 'spring.config.activate.oncloudplatform', resolve)
  const profiles = findList(index, 'spring.config.activate.onprofile', resolve)
  if (platform === undefined && profiles === undefined) return { imports }
  const condition = platform === undefined ? {} : { platform: knownPlatform(platform, index) }
  return { imports, activation: { ...condition, profiles: profiles ?? [] } }
}

/** `spring.profiles.include` of one document, `undefined` where it says nothing. */
export function findIncludes(index: DirectiveIndex, resolve: ResolveText): readonly string[] | undefined {
  return findList(index, 'spring.profiles.include', resolve)
}

/**
 * The groups of all documents, strongest first. What a group holds is what the strongest document says under its uniform name, however that document
 * spells it: Spring Boot's binder finds names first and values afterwards.
 */
export function profileGroups(indexes: readonly DirectiveIndex[], resolve: ResolveText): ProfileGroups {
  const spellings = new Map(indexes.flatMap(({ groups }) => [...groups]))
  const membersOf = (name: string): readonly string[] => {
    for (const index of indexes) {
      const members = findList(index, name, resolve)
      if (members !== undefined) return members
    }
    return []
  }
  return new Map([...spellings].map(([group, name]) => [group, membersOf(name)]))
}

/** The cloud platform that a document enforces for all (`spring.main.cloud-platform`). */
export function findPlatform(index: DirectiveIndex, resolve: ResolveText): string | undefined {
  const platform = findText(index, 'spring.main.cloudplatform', resolve)
  return platform === undefined ? undefined : knownPlatform(platform, index)
}

/** The first of the named properties (uniform names) that a document has. */
export function findProperty(index: DirectiveIndex, names: readonly string[]): IndexedProperty | undefined {
  for (const name of names) {
    const property = index.byName.get(name)
    if (property !== undefined) return property
  }
  return undefined
}

/** An error about a property where it stands. */
export function illegalProperty(message: string, origin: PropertyOrigin | undefined): ServerError {
  const place = origin?.kind === 'file' ? { file: origin.file, line: origin.line, column: origin.column } : {}
  return new ServerError('illegal-property', message, place)
}

/** Gives an error that does not say where it happened the place of a property; a placeholder that cannot be resolved makes the property illegal. */
export function placedAt(error: unknown, property: Property | undefined): unknown {
  if (error instanceof EnvironmentError) return illegalProperty(`A directive cannot be resolved: ${error.message}.`, property?.origin)
  if (!(error instanceof ServerError) || error.place.file !== undefined || property?.origin?.kind !== 'file') return error
  const { file, line, column } = property.origin
  return new ServerError(error.code, error.message, { file, line, column, cause: error.cause })
}

/** Spring's uniform form: lower case, letters and digits of ASCII alone (`spring.config.onProfile[0]` is `spring.config.onprofile[0]`); brackets are left alone. */
function uniformName(key: string): string {
  return key.replace(/[^[]+|\[[^\]]*\]?/g, (part) => (part.startsWith('[') ? part : part.toLowerCase().replace(/[^a-z0-9.]/g, '')))
}

/** A group's name as Spring Boot's binder keeps it: as written, but without the characters that no property name may have. */
function groupName(key: string): string {
  return key
    .replace(/^[^.[]+[.[][^.[]+[.[][^.[]+/, '')
    .replace(/\[\d+\]$/, '')
    .replace(/\[([^\]]*)\]/g, '.$1')
    .replace(/^\./, '')
    .replace(/[^A-Za-z0-9_.-]/g, '')
}

function findText(index: DirectiveIndex, name: string, resolve: ResolveText): string | undefined {
  const property = index.byName.get(name)
  return property === undefined ? undefined : textOf(property, resolve)
}

function textOf(property: Property, resolve: ResolveText): string {
  try {
    return resolve(scalarText(property.value)).trim()
  } catch (error) {
    throw placedAt(error, property)
  }
}

/** A list as Spring Boot binds it: one text split at commas, or numbered items. */
function findList(index: DirectiveIndex, name: string, resolve: ResolveText): readonly string[] | undefined {
  const text = findText(index, name, resolve)
  if (text !== undefined) return splitList(text)
  const items: string[] = []
  for (let item = index.byName.get(`${name}[0]`); item !== undefined; item = index.byName.get(`${name}[${items.length}]`)) {
    items.push(textOf(item, resolve))
  }
  return items.length === 0 ? undefined : items
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

const PLATFORMS = ['none', 'cloudfoundry', 'heroku', 'sap', 'nomad', 'azureappservice', 'kubernetes']

function knownPlatform(text: string, index: DirectiveIndex): string {
  const platform = text.replace(/[-_]/g, '').toLowerCase()
  if (PLATFORMS.includes(platform)) return platform
  const property = findProperty(index, ['spring.config.activate.oncloudplatform', 'spring.main.cloudplatform'])
  throw illegalProperty(`'${text}' is no cloud platform: expected one of ${PLATFORMS.join(', ')}.`, property?.origin)
}

const LEGACY = ['spring.profiles', 'spring.profiles[0]']
const NOT_PER_PROFILE = ['include', 'active', 'default'].flatMap((name) => [`spring.profiles.${name}`, `spring.profiles.${name}[0]`])

/** Refuses properties where Spring Boot refuses them: the legacy `spring.profiles` anywhere, and those that activate profiles in a profile's own file. */
export function checkDirectives(index: DirectiveIndex, kind: 'plain' | 'profile-specific'): void {
  const legacy = findProperty(index, LEGACY)
  if (legacy !== undefined) {
    throw illegalProperty(`'${legacy.key}' is no longer understood; expected 'spring.config.activate.on-profile'.`, legacy.origin)
  }
  const misplaced = kind === 'plain' ? undefined : findProperty(index, NOT_PER_PROFILE)
  if (misplaced !== undefined) {
    throw illegalProperty(`'${misplaced.key}' must not stand in a file that belongs to one profile.`, misplaced.origin)
  }
}
