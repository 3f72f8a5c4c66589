import { resolvePlaceholders, scalarText } from '@carillon/environment'
import { acceptsProfiles } from './activate.js'
import {
  bindDirectives,
  type DirectiveIndex,
  type Directives,
  findProperty,
  illegalProperty,
  indexDirectives,
  placedAt,
  type ResolveText,
} from './directives.js'
import type { ParsedDocument } from './parse/index.js'
import type { Location, Reference } from './references.js'

/** What decides whether a document applies. Before the profiles are known, documents that ask for one do not. */
export interface ActivationContext {
  readonly platform: string
  readonly profiles?: readonly string[]
}

export type ImportPhase = 'before' | 'after'

/** One document that was read, and where it came from. */
export interface ContributedDocument extends ParsedDocument {
  readonly reference: Reference
  /** Place among the non-empty documents of its file, and how many there are. */
  readonly index: number
  readonly count: number
}

/**
 * A node of the tree in which the search grows: a search location or a document, with what was imported from it before and after the profiles were
 * known. Spring Boot's ConfigDataEnvironmentContributor: the order in which a walk meets the nodes is the order of precedence.
 */
export interface Contributor {
  /** The search locations, for the node at the root. */
  readonly locations?: readonly Location[]
  readonly document?: ContributedDocument
  readonly index: DirectiveIndex
  /** Absent until the document's directives were read. */
  directives?: Directives
  /** The document ranks with the profiles, above all plain files, and moves up when its importer is placed. */
  profileSpecific: boolean
  /** Reached as the variant for a profile: some directives are illegal in it. */
  readonly fromProfile: boolean
  readonly children: { before?: Contributor[]; after?: Contributor[] }
}

export function searchContributor(locations: readonly Location[]): Contributor {
  return {
    locations,
    index: { byName: new Map(), groups: new Map() },
    directives: { imports: [] },
    profileSpecific: false,
    fromProfile: false,
    children: {},
  }
}

export function documentContributor(document: ContributedDocument): Contributor {
  const specific = document.reference.profile !== undefined
  return { document, index: indexDirectives(document.properties), profileSpecific: specific, fromProfile: specific, children: {} }
}

/** All nodes, strongest first. */
export function* walk(contributors: readonly Contributor[]): Generator<Contributor> {
  for (const contributor of contributors) {
    yield* walk(contributor.children.after ?? [])
    yield* walk(contributor.children.before ?? [])
    yield contributor
  }
}

/** Whether a node's document applies; a node whose directives were not read yet has them read now. */
export function isActive(contributor: Contributor, roots: readonly Contributor[], context: ActivationContext | undefined): boolean {
  const { activation } = directivesOf(contributor, roots, context)
  if (activation === undefined) return true
  if (context === undefined) return false
  if (activation.platform !== undefined && activation.platform !== context.platform) return false
  if (activation.profiles.length === 0) return true
  return context.profiles !== undefined && acceptsAt(contributor.index, activation.profiles, new Set(context.profiles))
}

function acceptsAt(index: DirectiveIndex, expressions: readonly string[], accepted: ReadonlySet<string>): boolean {
  try {
    return acceptsProfiles(expressions, accepted)
  } catch (error) {
    throw placedAt(error, findProperty(index, ['spring.config.activate.onprofile', 'spring.config.activate.onprofile[0]']))
  }
}

export function directivesOf(contributor: Contributor, roots: readonly Contributor[], context: ActivationContext | undefined): Directives {
  if (contributor.directives !== undefined) return contributor.directives
  contributor.directives = { imports: [] } // what a placeholder in its own directives sees of it
  contributor.directives = bindDirectives(contributor.index, placeholdersIn(roots, context, contributor))
  return contributor.directives
}

/**
 * Resolves placeholders against all documents read so far, strongest first, as Spring Boot does while it binds directives. A document that does not
 * apply must not hold the property: throws `illegal-property`.
 */
export function placeholdersIn(roots: readonly Contributor[], context: ActivationContext | undefined, own?: Contributor): ResolveText {
  const lookup = (key: string): string | undefined => {
    let found: string | undefined
    for (const contributor of walk(roots)) {
      const property = contributor.document?.properties.get(key)
      if (property === undefined) continue
      if (contributor !== own && !isActive(contributor, roots, context)) {
        throw illegalProperty(
          `The placeholder \${${key}} of a directive needs a property of a document that does not apply.`,
          property.origin,
        )
      }
      found ??= scalarText(property.value)
    }
    return found
  }
  return (text) => (text.includes('${') ? resolvePlaceholders(text, lookup) : text)
}

/**
 * Gives a node its children of one phase. After the profiles are known, the profile's variants among its grandchildren become its own strongest
 * children, so that they outrank everything plain (Spring Boot: moveProfileSpecific).
 */
export function adopt(contributor: Contributor, phase: ImportPhase, children: Contributor[]): void {
  contributor.children[phase] = children
  if (phase === 'after') raiseProfileSpecific(contributor)
}

function raiseProfileSpecific(contributor: Contributor): void {
  const before = contributor.children.before ?? []
  const raised = before.flatMap((child) => [...(child.children.before ?? []), ...(child.children.after ?? [])].filter(isProfileSpecific))
  if (raised.length === 0) return
  for (const child of before) {
    for (const phase of ['before', 'after'] as const) {
      adopt(
        child,
        phase,
        (child.children[phase] ?? []).filter((grandchild) => !isProfileSpecific(grandchild)),
      )
    }
  }
  for (const specific of raised) specific.profileSpecific = false
  contributor.children.after = [...raised, ...(contributor.children.after ?? [])]
}

function isProfileSpecific(contributor: Contributor): boolean {
  return contributor.profileSpecific
}
