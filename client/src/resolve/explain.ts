import { type KeyStep, parseKey } from '@carillon/environment'
import type { Provenance } from '../config.js'
import type { Json } from '../json.js'
import type { Fill } from './fill.js'
import { type Entry, entryBelow, isIndex, itemKey, type KeyNode, type KeyTree, nodeAtSteps, originOf } from './key-tree.js'
import type { Shape } from './merge.js'
import { nest, type View } from './view.js'

interface Explaining {
  readonly tree: KeyTree
  readonly view: View
  readonly fill: Fill
}

/**
 * Tells where the value of a key in any spelling comes from: its placeholders are filled in, its origin is that of the text with the placeholder. A list
 * is explained as a whole too, with the origin of its first item. Covered values are whole lists and maps where a layer has them.
 */
export function createExplain({ tree, view, fill }: Explaining): (path: string) => Provenance | undefined {
  const filled = (entry: Entry): Json => {
    try {
      return fill(entry)
    } catch {
      // A circle through covered values alone disturbs nobody
      return entry.value
    }
  }
  const shapeAt = (steps: readonly KeyStep[]): Shape | undefined => {
    const node = nodeAtSteps(tree, steps)
    return node && view.merged.shapes.get(node)
  }
  const covered = (node: KeyNode | undefined, winner: Entry): Provenance['overridden'] =>
    (node?.ranks ?? [])
      .filter((rank) => rank !== winner.rank)
      .flatMap((rank) => {
        const entry = node && entryBelow(node, rank)
        return node === undefined || entry === undefined ? [] : [{ value: saidAt(node, { rank, filled }), origin: originOf(entry) }]
      })
  const known = (path: string, shape: Shape): Provenance | undefined => {
    const winner = winnerOf(shape)
    if (winner === undefined) return undefined
    const value = shape.kind === 'map' ? filled(winner) : (nest(shape, view) as Json)
    return { path: shape.kind === 'list' ? path : winner.key, value, origin: originOf(winner), overridden: covered(shape.node, winner) }
  }
  /** An item of a text that stands in the place of a list. */
  const item = (steps: readonly KeyStep[]): Provenance | undefined => {
    const [last, list] = [steps.at(-1), steps.length > 0 ? shapeAt(steps.slice(0, -1)) : undefined]
    if (last === undefined || list?.kind !== 'leaf' || list.as !== 'items') return undefined
    const items = view.valueOf(list) as readonly Json[]
    const value = isIndex(last.text) ? items[Number(last.text)] : undefined
    const path = itemKey(list.entry.key, Number(last.text))
    return value === undefined
      ? undefined
      : { path, value, origin: originOf(list.entry), overridden: covered(nodeAtSteps(tree, steps), list.entry) }
  }
  const inert = (path: string): Provenance | undefined => {
    const [first, ...others] = tree.inert.get(path) ?? []
    if (first === undefined) return undefined
    const overridden = others.map((entry) => ({ value: filled(entry), origin: originOf(entry) }))
    return { path, value: filled(first), origin: originOf(first), overridden }
  }
  return (path) => {
    const steps = parseKey(path)
    const shape = shapeAt(steps)
    return (shape && known(path, shape)) ?? item(steps) ?? inert(path)
  }
}

/** The entry that stands for a shape: none for a map, whose values come from many places. */
function winnerOf(shape: Shape): Entry | undefined {
  if (shape.kind === 'leaf') return shape.entry
  return shape.kind === 'list' ? entryBelow(shape.node, shape.rank) : shape.beside
}

/** What one layer says at a node. */
function saidAt(node: KeyNode, asking: { readonly rank: number; readonly filled: (entry: Entry) => Json }): Json {
  const { rank, filled } = asking
  const below = [...node.children.values()].filter(({ ranks }) => ranks.includes(rank))
  const own = node.entries.find((entry) => entry.rank === rank)
  if (below.length === 0) return own === undefined ? null : filled(own)
  if (below.every(({ id }) => isIndex(id))) return below.sort((a, b) => Number(a.id) - Number(b.id)).map((child) => saidAt(child, asking))
  return Object.fromEntries(below.map((child) => [child.name, saidAt(child, asking)]))
}
