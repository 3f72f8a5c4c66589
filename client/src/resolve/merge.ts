import { placeOf, type Said, warnOfCovered } from './covered.js'
import { type Entry, entryBelow, isIndex, type KeyNode, type KeyTree } from './key-tree.js'
import type { WarningList } from './warnings.js'

/** What counts, at and below a node. */
export type Shape =
  | { readonly kind: 'leaf'; readonly node: KeyNode; readonly entry: Entry; readonly as: 'value' | 'items' | 'empty-list' }
  | { readonly kind: 'list'; readonly node: KeyNode; readonly rank: number; readonly items: readonly Shape[]; readonly beside?: Entry }
  | { readonly kind: 'map'; readonly node: KeyNode; readonly members: readonly Shape[]; readonly beside?: Entry }

export type LeafShape = Shape & { readonly kind: 'leaf' }

export interface Merged {
  readonly root: Shape | undefined
  readonly shapes: ReadonlyMap<KeyNode, Shape>
}

/**
 * Takes from each layer what counts: maps key by key, lists as a whole from the strongest layer that names an item, as Spring's binder. Where one layer
 * has a map and another a value or a list, the stronger one counts and a warning says so. An empty text is also Spring's form of an empty map or list.
 */
export function mergeTree({ root }: KeyTree, warnings: WarningList): Merged {
  const shapes = new Map<KeyNode, Shape>()
  const merging: Merging = { shapes, warnings }
  return { root: shapeOf(root, undefined, merging), shapes }
}

interface Merging {
  readonly shapes: Map<KeyNode, Shape>
  readonly warnings: WarningList
}

/** `undefined`: all. */
type Ranks = ReadonlySet<number> | undefined

function shapeOf(node: KeyNode, ranks: Ranks, merging: Merging): Shape | undefined {
  const shape = node.entries.length > 0 && node.children.size > 0 ? shapeOfMixed(node, ranks, merging) : shapeOfPlain(node, ranks, merging)
  if (shape !== undefined) merging.shapes.set(node, shape)
  return shape
}

function shapeOfPlain(node: KeyNode, ranks: Ranks, merging: Merging): Shape | undefined {
  if (node.children.size === 0) {
    const entry = node.entries.find(({ rank }) => isAmong(ranks, rank))
    return entry && { kind: 'leaf', node, entry, as: 'value' }
  }
  return node.indexes > 0 ? shapeOfMixed(node, ranks, merging) : mapOf(node, ranks, merging)
}

function mapOf(node: KeyNode, ranks: Ranks, merging: Merging): Shape | undefined {
  const members: Shape[] = []
  for (const child of node.odd.length === 0 ? node.children.values() : withoutDoubles(node, ranks, merging)) {
    const member = shapeOf(child, ranks, merging)
    if (member !== undefined) members.push(member)
  }
  return members.length === 0 ? undefined : { kind: 'map', node, members }
}

/** `m[Foo]` and `m.Foo` are two keys with one name in a map: the stronger one counts. */
function withoutDoubles({ children }: KeyNode, ranks: Ranks, { warnings }: Merging): Iterable<KeyNode> {
  const byName = new Map<string, readonly [KeyNode, number]>()
  for (const child of children.values()) {
    const rank = child.ranks.find((each) => isAmong(ranks, each))
    if (rank === undefined) continue
    const double = byName.get(child.name)
    if (double === undefined || rank < double[1]) byName.set(child.name, [child, rank])
    if (double === undefined) continue
    const [strong, weak] = [[child, rank] as const, double].sort((a, b) => a[1] - b[1]).map(([node, from]) => entryBelow(node, from))
    if (strong && weak) warnings.add(`${placeOf(strong)} covers ${placeOf(weak)}: both have the same name`)
  }
  return [...byName.values()].map(([child]) => child)
}

function shapeOfMixed(node: KeyNode, ranks: Ranks, merging: Merging): Shape | undefined {
  const said = whatIsSaid(node, ranks)
  const first = said[0]
  const winner = said.find(({ kind }) => kind !== 'empty') ?? first
  if (first === undefined || winner === undefined) return undefined
  const isList = winner.kind === 'list' || (winner.kind === 'indexes' && said.some(({ kind }) => kind === 'list'))
  warnOfCovered(node, { said, winner, isList }, merging.warnings)
  if (isList) {
    return first.kind === 'empty' && first.entry
      ? { kind: 'leaf', node, entry: first.entry, as: 'empty-list' }
      : listOf(node, winner, merging)
  }
  if (winner.kind === 'map' || winner.kind === 'indexes') return mergedMap(node, said, { ranks, merging })
  const entry = first.entry ?? winner.entry
  return entry && { kind: 'leaf', node, entry, as: formOf(entry, said) }
}

/** A text over a list is one, with commas between its items, as Spring converts it; an empty one is an empty list. */
function formOf({ value, lost }: Entry, said: readonly Said[]): 'value' | 'items' | 'empty-list' {
  if (lost !== undefined) return 'value'
  const covered = said.find(({ kind }) => kind === 'list' || kind === 'indexes' || kind === 'map')
  if (covered?.kind !== 'list') return 'value'
  if (value === '' || value === null) return 'empty-list'
  return typeof value === 'string' ? 'items' : 'value'
}

function listOf(node: KeyNode, { rank, entry }: Said, merging: Merging): Shape | undefined {
  const only = new Set([rank])
  const count = [...node.children.values()].filter(({ ranks }) => ranks.includes(rank)).length
  const items: Shape[] = []
  for (let index = 0; index < count; index++) {
    const child = node.children.get(String(index))
    const item = child?.ranks.includes(rank) ? shapeOf(child, only, merging) : undefined
    if (item === undefined) return withHole(node, { rank, index }, merging)
    items.push(item)
  }
  return { kind: 'list', node, rank, items, ...besideOf(entry, merging) }
}

/** Spring refuses a list with holes. Here it is a map of what there is: nothing is lost, nothing huge is allocated, and a schema that wants a list refuses it. */
function withHole(node: KeyNode, { rank, index }: { readonly rank: number; readonly index: number }, merging: Merging): Shape | undefined {
  const entry = entryBelow(node, rank)
  if (entry) merging.warnings.add(`${placeOf(entry)} is part of a list that has no item [${index}]: it is read as a map`)
  return mapOf(node, new Set([rank]), merging)
}

function mergedMap(node: KeyNode, said: readonly Said[], { ranks, merging }: { ranks: Ranks; merging: Merging }): Shape | undefined {
  const parts = said.filter(({ kind }) => kind === 'map' || kind === 'indexes')
  const map = mapOf(node, parts.length === said.length ? ranks : new Set(parts.map(({ rank }) => rank)), merging)
  const beside = parts.find(({ entry }) => entry !== undefined && !isEmpty(entry))?.entry
  return map?.kind === 'map' ? { ...map, ...besideOf(beside, merging) } : map
}

/** `a` and `a.b` in one source: the tree has place for the latter only. */
function besideOf(entry: Entry | undefined, { warnings }: Merging): { readonly beside?: Entry } {
  if (entry === undefined || isEmpty(entry)) return {}
  warnings.add(`${placeOf(entry)} has keys below it in the same source: flat() has both, the values only those below`)
  return { beside: entry }
}

/** What the layers say at a node, strongest first. */
function whatIsSaid({ entries, children, ranks }: KeyNode, among: Ranks): readonly Said[] {
  const named = new Set<number>()
  const indexed = new Set<number>()
  const zero = new Set(children.get('0')?.ranks)
  for (const child of children.values()) {
    const group = isIndex(child.id) ? indexed : named
    for (const rank of child.ranks) group.add(rank)
  }
  const own = new Map(entries.map((entry) => [entry.rank, entry]))
  return ranks
    .filter((rank) => isAmong(among, rank))
    .map((rank) => {
      const entry = own.get(rank)
      if (named.has(rank)) return { rank, kind: 'map', entry }
      if (indexed.has(rank)) return { rank, kind: zero.has(rank) ? 'list' : 'indexes', entry }
      return { rank, kind: entry === undefined || isEmpty(entry) ? 'empty' : 'scalar', entry }
    })
}

function isAmong(ranks: Ranks, rank: number): boolean {
  return ranks === undefined || ranks.has(rank)
}

/** What is lost may have been anything, and hides what it covers. */
function isEmpty({ value, lost }: Entry): boolean {
  return value === '' || (value === null && lost === undefined)
}
