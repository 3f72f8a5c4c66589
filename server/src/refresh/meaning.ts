import { type Property, scalarText } from '@carillon/environment'
import { acceptsProfiles } from '../resolution/activate.js'
import { bindDirectives, indexDirectives, isDirective } from '../resolution/directives.js'
import type { ParsedDocument } from '../resolution/parse/index.js'
import type { Documents } from './documents.js'

/**
 * What a change of a configuration file means to those who read it: nothing (comments, formatting), something to whoever accepts one of these
 * profiles, or something to all. `keys: 'changed'` says that a property came or went: a directive that asks for it in a placeholder could tell.
 */
export type Meaning =
  | { readonly kind: 'same' }
  | { readonly kind: 'profiles'; readonly profiles: readonly string[]; readonly keys: 'same' | 'changed' }
  | { readonly kind: 'changed' }

/**
 * Compares what a file says before and after a change. The number of documents is part of the names of the property sources, so it counts for each
 * of them; so does the order of keys. Only a document that activates on profiles, and steers nothing else, narrows the change to those profiles.
 */
export function meaningOf(before: Documents, after: Documents): Meaning {
  if (before === 'unreadable' || after === 'unreadable') return { kind: 'changed' }
  const changes = changesBetween(before, after)
  if (changes.length === 0) return { kind: 'same' }
  const profiles = new Set<string>()
  for (const change of changes) {
    const names = profilesThatSee(change)
    if (names === undefined) return { kind: 'changed' }
    for (const name of names) profiles.add(name)
  }
  return { kind: 'profiles', profiles: [...profiles], keys: changes.every(hasSameKeys) ? 'same' : 'changed' }
}

/** A document that changed, came or went. */
interface DocumentChange {
  readonly old: ParsedDocument | undefined
  readonly now: ParsedDocument | undefined
}

function changesBetween(before: readonly ParsedDocument[], after: readonly ParsedDocument[]): readonly DocumentChange[] {
  const pairs = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => ({ old: before[index], now: after[index] }))
  if (before.length !== after.length) return pairs
  return pairs.filter(({ old, now }) => !areSame(entriesOf(old), entriesOf(now)))
}

type Entries = readonly (readonly [string, Property])[]

function entriesOf(document: ParsedDocument | undefined): Entries {
  return [...(document?.properties ?? [])]
}

function areSame(before: Entries, after: Entries): boolean {
  return (
    before.length === after.length &&
    before.every(([key, { value }], index) => {
      const [otherKey, other] = after[index] ?? []
      return key === otherKey && other !== undefined && typeof value === typeof other.value && scalarText(value) === scalarText(other.value)
    })
  )
}

function hasSameKeys({ old, now }: DocumentChange): boolean {
  return old?.properties.size === now?.properties.size && entriesOf(old).every(([key]) => now?.properties.has(key) === true)
}

/** Some directives have a say even in a document that does not apply (groups, illegal properties): then all see the change. */
function profilesThatSee({ old, now }: DocumentChange): readonly string[] | undefined {
  if (old !== undefined && now !== undefined) return areSame(directivesIn(old), directivesIn(now)) ? activatingProfiles(old) : undefined
  const only = old ?? now
  if (only === undefined) return []
  const isPlain = [...indexDirectives(only.properties).byName.keys()].every((name) => !isDirective(name) || isActivation(name))
  return isPlain ? activatingProfiles(only) : undefined
}

function directivesIn({ properties }: ParsedDocument): Entries {
  return [...indexDirectives(properties).byName].filter(([name]) => isDirective(name))
}

function isActivation(uniformName: string): boolean {
  return /^spring\.config\.activate\.onprofile(\[\d+\])?$/.test(uniformName)
}

/** Profiles without any of which a document cannot apply; `undefined` where there is no telling. */
function activatingProfiles({ properties }: ParsedDocument): readonly string[] | undefined {
  try {
    const { activation } = bindDirectives(indexDirectives(properties), (text) => text)
    const expressions = activation?.profiles ?? []
    if (expressions.length === 0 || expressions.some((text) => /[!${}]/.test(text)) || acceptsProfiles(expressions, new Set()))
      return undefined
    return expressions.flatMap((text) => text.split(/[()&|]/).map((name) => name.trim())).filter((name) => name !== '')
  } catch {
    return undefined // an error of the document, which all who read it see
  }
}
