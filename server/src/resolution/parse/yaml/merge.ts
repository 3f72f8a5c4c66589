import type { Place } from '../document.js'
import type { Composer } from './composer.js'
import { keyIdentity } from './keys.js'
import type { Entry, Node } from './nodes.js'
import { malformed } from './reader.js'

/**
 * The entries of a mapping with those that `<<` brings: a merged key keeps the place where it came first, own keys win, and of
 * two merged ones the earlier wins. Throws `unreadable-file` for a `<<` without maps.
 */
export function mergedEntries(composer: Composer, entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(isMerge)) return entries
  const merged = new Map<string, Entry>()
  for (const entry of entries) {
    if (!isMerge(entry)) merged.set(keyIdentity(entry.key, composer.budget), entry)
    else for (const source of mergeSources(composer, entry.value)) addMissing(composer, merged, source)
  }
  return [...merged.values()]
}

function isMerge(entry: Entry): boolean {
  return entry.key.kind === 'scalar' && entry.key.merge
}

/** Refuses the second of two equal keys of one map with `unreadable-file`, as soon as it comes. */
export function duplicateGuard(composer: Composer): (entry: Entry) => void {
  const seen = new Map<string, Place>()
  return (entry) => {
    if (isMerge(entry)) return
    const identity = keyIdentity(entry.key, composer.budget)
    const first = seen.get(identity)
    if (first !== undefined)
      throw malformed(composer, `expected each key of a map once, got that of line ${first.line} again`, entry.key.place)
    seen.set(identity, entry.key.place)
  }
}

function mergeSources(composer: Composer, value: Node): readonly (readonly Entry[])[] {
  const sources = value.kind === 'sequence' ? value.items : [value]
  return sources.map((source) => {
    if (source.kind === 'mapping') return source.entries
    throw malformed(composer, 'expected a map or a list of maps behind <<', source.place)
  })
}

function addMissing(composer: Composer, merged: Map<string, Entry>, source: readonly Entry[]): void {
  for (const entry of source) {
    composer.budget.step()
    const identity = keyIdentity(entry.key, composer.budget)
    if (!merged.has(identity)) merged.set(identity, entry)
  }
}
