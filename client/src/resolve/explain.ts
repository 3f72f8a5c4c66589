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
export function createExplain(all: Explaining): (path: string) => Provenance | undefined {
  return (path) => {
    const steps = parseKey(path)
    return explainShape(path, steps, all) ?? explainItem(steps, all) ?? explainInert(path, all)
  }
}

function explainShape(path: string, steps: readonly KeyStep[], all: Explaining): Provenance | undefined {
  const shape = shapeAt(steps, all)
  const winner = shape && winnerOf(shape)
  if (shape === undefined || winner === undefined) return undefined
  const value = shape.kind === 'map' ? filled(winner, all) : (nest(shape, all.view) as Json)
  return { path: shape.kind === 'list' ? path : winner.key, value, origin: originOf(winner), overridden: covered(shape.node, winner, all) }
}

/** An item of a text that stands in the place of a list. */
function explainItem(steps: readonly KeyStep[], all: Explaining): Provenance | undefined {
  const last = steps.at(-1)
  const list = last && shapeAt(steps.slice(0, -1), all)
  if (last === undefined || list?.kind !== 'leaf' || list.as !== 'items' || !isIndex(last.text)) return undefined
  const index = Number(last.text)
  const value = (all.view.valueOf(list) as readonly Json[])[index]
  if (value === undefined) return undefined
  const { entry } = list
  const node = nodeAtSteps(all.tree, steps)
  return {
    path: itemKey(entry.key, index),
    value,
    origin: originOf(entry),
    overridden: node === undefined ? [] : covered(node, entry, all),
  }
}

function explainInert(path: string, all: Explaining): Provenance | undefined {
  const [first, ...others] = all.tree.inert.get(path) ?? []
  if (first === undefined) return undefined
  const overridden = others.map((entry) => ({ value: filled(entry, all), origin: originOf(entry) }))
  return { path, value: filled(first, all), origin: originOf(first), overridden }
}

function shapeAt(steps: readonly KeyStep[], { tree, view }: Explaining): Shape | undefined {
  const node = nodeAtSteps(tree, steps)
  return node && view.merged.shapes.get(node)
}

/** The entry that stands for a shape: none for a map, whose values come from many places. */
function winnerOf(shape: Shape): Entry | undefined {
  if (shape.kind === 'leaf') return shape.entry
  return shape.kind === 'list' ? entryBelow(shape.node, shape.rank) : shape.beside
}

function covered(node: KeyNode, winner: Entry, all: Explaining): Provenance['overridden'] {
  return node.ranks
    .filter((rank) => rank !== winner.rank)
    .flatMap((rank) => {
      const entry = entryBelow(node, rank)
      return entry === undefined ? [] : [{ value: saidAt(node, rank, all), origin: originOf(entry) }]
    })
}

/** What one layer says at a node. */
function saidAt(node: KeyNode, rank: number, all: Explaining): Json {
  const below = [...node.children.values()].filter(({ ranks }) => ranks.includes(rank))
  const own = node.entries.find((entry) => entry.rank === rank)
  if (below.length === 0) return own === undefined ? null : filled(own, all)
  if (!below.every(({ id }) => isIndex(id))) return Object.fromEntries(below.map((child) => [child.name, saidAt(child, rank, all)]))
  return below.sort((a, b) => Number(a.id) - Number(b.id)).map((child) => saidAt(child, rank, all))
}

function filled(entry: Entry, { fill }: Explaining): Json {
  try {
    return fill(entry)
  } catch {
    // A circle through covered values alone disturbs nobody
    return entry.value
  }
}
