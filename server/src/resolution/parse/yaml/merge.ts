import { unreadable } from '../document.js'
import type { Composer } from './compose.js'
import { keyIdentity } from './keys.js'
import type { Entry, Node } from './nodes.js'

/**
 * The entries of a mapping with those that `<<` brings: a merged key keeps the place where it came first, own keys win, and of
 * two merged ones the earlier wins. Throws `unreadable-file` for a key that stands twice and for a `<<` without mappings.
 */
export function mergedEntries(composer: Composer, entries: readonly Entry[]): readonly Entry[] {
  refuseDuplicates(composer, entries)
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

function refuseDuplicates(composer: Composer, entries: readonly Entry[]): void {
  const seen = new Set<string>()
  for (const entry of entries) {
    if (isMerge(entry)) continue
    const identity = keyIdentity(entry.key, composer.budget)
    if (seen.has(identity))
      throw unreadable({ file: composer.context.file, expected: 'expected each key of a map once, got one twice' }, entry.key.place)
    seen.add(identity)
  }
}

function mergeSources(composer: Composer, value: Node): readonly (readonly Entry[])[] {
  const sources = value.kind === 'sequence' ? value.items : [value]
  return sources.map((source) => {
    if (source.kind === 'mapping') return source.entries
    throw unreadable({ file: composer.context.file, expected: 'expected a map or a list of maps behind <<' }, source.place)
  })
}

function addMissing(composer: Composer, merged: Map<string, Entry>, source: readonly Entry[]): void {
  for (const entry of source) {
    composer.budget.step()
    const identity = keyIdentity(entry.key, composer.budget)
    if (!merged.has(identity)) merged.set(identity, entry)
  }
}
