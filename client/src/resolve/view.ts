import type { Json, Leaf } from '../json.js'
import { type Fill, inTypeOf } from './fill.js'
import { type Entry, itemKey, type KeyTree } from './key-tree.js'
import type { LeafShape, Merged, Shape } from './merge.js'

/** The merged layers with all values filled in. */
export interface View {
  readonly merged: Merged
  /** A list for a text that stands in the place of one. */
  readonly valueOf: (leaf: LeafShape) => Json
  readonly flat: ReadonlyMap<string, Json>
  /** Values that count and that nobody can tell; they are in nothing else. */
  readonly lost: readonly Entry[]
}

/** How the schema spells names, by the names that the sources have. */
export interface Spellings {
  readonly names: ReadonlyMap<string, string>
  readonly below: ReadonlyMap<string, Spellings>
}

/** Fills in each value once. Throws what `fill` throws. */
export function viewOf(tree: KeyTree, merged: Merged, fill: Fill): View {
  const changed = new Map<Entry, Json>()
  const flat = new Map<string, Json>()
  const lost: Entry[] = []
  const put = (entry: Entry, leaf?: LeafShape): void => {
    if (entry.lost !== undefined) return void lost.push(entry)
    const value = leaf === undefined ? fill(entry) : leafValue(leaf, fill)
    if (value !== entry.value) changed.set(entry, value)
    putFlat(flat, entry.key, value)
  }
  for (const shape of merged.shapes.values()) {
    if (shape.kind === 'leaf') put(shape.entry, shape)
    else if (shape.beside !== undefined) put(shape.beside)
  }
  for (const [first] of tree.inert.values()) if (first !== undefined) put(first)
  return { merged, flat, lost, valueOf: ({ entry }) => changed.get(entry) ?? entry.value }
}

/**
 * Plain objects and lists; of a lost value a map has nothing, and a list a null. The names of Object's prototype are names like any other; `__proto__` never
 * gets here.
 */
export function nest(shape: Shape | undefined, view: View, spellings?: Spellings): unknown {
  if (shape === undefined) return {}
  switch (shape.kind) {
    case 'leaf':
      return view.valueOf(shape)
    case 'list':
      return shape.items.map((item) => nest(item, view, spellings?.below.get(item.node.name)))
    case 'map':
      return nestMap(shape.members, view, spellings)
    default:
      return shape satisfies never
  }
}

function nestMap(members: readonly Shape[], view: View, spellings: Spellings | undefined): Record<string, unknown> {
  const map: Record<string, unknown> = {}
  for (const member of members) {
    if (member.kind === 'leaf' && member.entry.lost !== undefined) continue
    const { name } = member.node
    setOwn(map, spellings?.names.get(name) ?? name, nest(member, view, spellings?.below.get(name)))
  }
  return map
}

function setOwn(map: Record<string, unknown>, name: string, value: unknown): void {
  // A frozen Object.prototype refuses assignments to its names
  if (name in Object.prototype) Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true })
  else map[name] = value
}

function leafValue({ entry, as }: LeafShape, fill: Fill): Json {
  switch (as) {
    case 'value':
      return fill(entry)
    case 'empty-list':
      return []
    case 'items':
      return itemsOf(fill({ ...entry, like: undefined }), entry.like)
    default:
      return as satisfies never
  }
}

function itemsOf(value: Leaf | readonly [], like: Leaf | undefined): Json {
  if (typeof value !== 'string') return typeof value === 'object' ? [] : [value]
  return value.trim() === '' ? [] : value.split(',').map((item) => inTypeOf(like, item.trim()))
}

function putFlat(flat: Map<string, Json>, key: string, value: Json): void {
  if (!Array.isArray(value) || value.length === 0) flat.set(key, value)
  else for (const [index, item] of value.entries()) flat.set(itemKey(key, index), item)
}
