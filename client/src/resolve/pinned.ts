import { stepsOfKey } from '@carillon/environment'
import type { Json, Leaf } from '../json.js'
import { addEntry, idOf, type KeyTree, removeNode } from './key-tree.js'
import type { Pinned } from './resolved.js'

/** Stronger than every layer. */
const KEPT_RANK = -1

/** The keys at and below the pinned ones whose values differ from what was kept, in the spelling of whoever has them now, or else had them. */
export function heldBackKeys(flat: ReadonlyMap<string, Json>, { keys, from }: Pinned): readonly string[] {
  const now = pinnedOf(flat, keys)
  const kept = pinnedOf(from.flat, keys)
  const changed = [...now].flatMap(([id, { key, value }]) => (isSame(kept.get(id)?.value, value) ? [] : [key]))
  const gone = [...kept].flatMap(([id, { key }]) => (now.has(id) ? [] : [key]))
  return [...changed, ...gone]
}

/** Gives the pinned keys of a tree what they had. */
export function keepPinned(tree: KeyTree, { keys, from }: Pinned): void {
  for (const key of keys) removeNode(tree, key)
  for (const { key, value } of pinnedOf(from.flat, keys).values()) {
    const { kind, source, commit, line, column } = from.explain(key)?.origin ?? { kind: 'default' as const, source: 'pinned' }
    addEntry(tree, {
      rank: KEPT_RANK,
      key,
      value: value as Leaf | readonly [],
      from: { kind, source, ...(commit === undefined ? {} : { commit }) },
      line,
      column,
      final: true,
    })
  }
}

interface Kept {
  readonly key: string
  readonly value: Json
}

function pinnedOf(flat: ReadonlyMap<string, Json>, keys: readonly string[]): ReadonlyMap<string, Kept> {
  const pinned = keys.map((key) => idsOf(key).join('\0'))
  const found = new Map<string, Kept>()
  if (pinned.length === 0) return found
  for (const [key, value] of flat) {
    const id = idsOf(key).join('\0')
    if (pinned.some((each) => id === each || id.startsWith(`${each}\0`))) found.set(id, { key, value })
  }
  return found
}

function idsOf(key: string): readonly string[] {
  return stepsOfKey(key).map(idOf)
}

/** Leaves and empty lists. */
function isSame(a: Json | undefined, b: Json): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b))
}
