import { ServerError } from '../errors.js'
import { bindDirectives, type DirectiveIndex, findIncludes, indexDirectives, isDirective, profileGroups } from '../resolution/directives.js'
import type { ParsedDocument } from '../resolution/parse/index.js'

/** What the documents of one file say about other files and profiles, placeholders unresolved: whatever may apply, whether or not it does. */
export interface Steering {
  readonly imports: readonly string[]
  /** `spring.profiles.include` */
  readonly includes: readonly string[]
  /** `spring.profiles.group.*`: members by the group's name. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Whether a directive holds a placeholder, which makes it depend on properties. */
  readonly placeholders: boolean
  /** The file cannot be read: whoever meets it gets no further. */
  readonly isUnreadable?: true
}

/** What a file says that cannot be read. */
export const UNREADABLE: Steering = { imports: [], includes: [], groups: new Map(), placeholders: false, isUnreadable: true }

/** An import or a list of profiles that may mean anything. */
const UNKNOWN = '${}'

/** Whether a text of a directive says nothing before its placeholders are resolved. */
export function isUnknown(text: string): boolean {
  return text.includes('${')
}

/** Whether a file says anything about others at all. */
export function steers({ imports, includes, groups, placeholders }: Steering): boolean {
  return placeholders || imports.length > 0 || includes.length > 0 || groups.size > 0
}

/** Reads the directives of a file's documents. Documents with an illegal directive may be taken to import anything. */
export function steeringOf(documents: readonly ParsedDocument[]): Steering {
  const groups = new Map<string, readonly string[]>()
  const imports: string[] = []
  const includes: string[] = []
  let placeholders = false
  for (const { properties } of documents) {
    const index = indexDirectives(properties)
    imports.push(...importsOf(index))
    includes.push(...(findIncludes(index, unresolved) ?? []))
    for (const [group, members] of profileGroups([index], unresolved)) groups.set(group, [...(groups.get(group) ?? []), ...members])
    placeholders ||= hasPlaceholders(index)
  }
  return { imports, includes, groups, placeholders }
}

function unresolved(text: string): string {
  return text
}

function importsOf(index: DirectiveIndex): readonly string[] {
  try {
    return bindDirectives(index, unresolved).imports
  } catch (error) {
    if (error instanceof ServerError) return [UNKNOWN]
    throw error
  }
}

function hasPlaceholders({ byName }: DirectiveIndex): boolean {
  for (const [name, { value }] of byName) {
    if (!isDirective(name)) continue
    if (typeof value === 'string' && isUnknown(value)) return true
  }
  return false
}
