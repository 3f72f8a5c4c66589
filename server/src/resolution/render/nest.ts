import type { Scalar } from '@carillon/environment'
import type { RankedValue } from './merge.js'
import { invalidKey, type Path, parsePath } from './path.js'

/** A nested document. `rank` is the highest precedence that has a part in a node; it decides where two sources want different shapes. */
export type Node = LeafNode | MapNode | ListNode

export interface LeafNode {
  readonly kind: 'leaf'
  readonly value: Scalar
  readonly rank: number
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: Map<string, Node>
  rank: number
}

/** An item that no key names is `undefined`, written as null. */
export interface ListNode {
  readonly kind: 'list'
  readonly items: (Node | undefined)[]
  rank: number
}

type Branch = MapNode | ListNode

/** List items without a key in one document; Spring fills up to two thousand million of them. */
const MAX_GAPS = 10_000

interface Nesting {
  readonly root: MapNode
  gaps: number
}

/** The flat key that is being placed. */
interface Placing {
  readonly nesting: Nesting
  readonly key: string
  readonly path: Path
  readonly leaf: LeafNode
}

/**
 * The nested document of flat keys, placed in their order as Spring places them; where Spring fails because a list meets something else, the higher
 * rank wins, and the later key among equals. Throws `invalid-key` (see `parsePath`), also for indexes that leave more than 10,000 items empty.
 */
export function nest(flat: ReadonlyMap<string, RankedValue>): MapNode {
  const nesting: Nesting = { root: { kind: 'map', entries: new Map(), rank: -1 }, gaps: 0 }
  for (const [key, { value, rank }] of flat) place({ nesting, key, path: parsePath(key), leaf: { kind: 'leaf', value, rank } })
  return nesting.root
}

function place(placing: Placing): void {
  const { path, leaf, nesting } = placing
  let branch: Branch = nesting.root
  let prefix = ''
  for (let level = 0; level < path.length - 1; level++) {
    const next = enter(placing, branch, level)
    if (next === 'stronger') return
    // a value and a map of one name stand side by side: `a: 1` and `a.b: 2`; Spring keeps the prefix for the last name, however deep that is
    if (next === 'beside') prefix = `${path[level]}.`
    else branch = next
  }
  const last = path.at(-1) ?? ''
  put(placing, branch, { step: branch.kind === 'map' ? prefix + last : last, node: leaf })
}

function enter(placing: Placing, branch: Branch, level: number): Branch | 'beside' | 'stronger' {
  const { path, leaf } = placing
  const step = path[level] ?? ''
  const child = childOf(branch, step)
  const wanted = typeof path[level + 1] === 'number' ? 'list' : 'map'
  if (child !== undefined && child.kind !== 'leaf' && child.kind === wanted) {
    child.rank = Math.max(child.rank, leaf.rank)
    return child
  }
  if (child !== undefined && wanted === 'map' && branch.kind === 'map') return 'beside'
  if (child !== undefined && child.rank > leaf.rank) return 'stronger'
  const node: Branch =
    wanted === 'list' ? { kind: 'list', items: [], rank: leaf.rank } : { kind: 'map', entries: new Map(), rank: leaf.rank }
  put(placing, branch, { step, node })
  return node
}

function childOf(branch: Branch, step: string | number): Node | undefined {
  return branch.kind === 'map' ? branch.entries.get(String(step)) : branch.items[Number(step)]
}

function put({ nesting, key }: Placing, branch: Branch, { step, node }: { step: string | number; node: Node }): void {
  if (branch.kind === 'map') {
    branch.entries.set(String(step), node)
    return
  }
  const index = Number(step)
  nesting.gaps += Math.max(0, index - branch.items.length)
  if (nesting.gaps > MAX_GAPS) throw invalidKey(key, `its index leaves more than ${MAX_GAPS} list items empty`)
  branch.items[index] = node
}
