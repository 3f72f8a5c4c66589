import type { PropertyOrigin, Scalar } from '@carillon/environment'
import type { Place, Stretch } from '../document.js'

/** A YAML value. An alias is the node that it names, so a graph without cycles. */
export type Node = ScalarNode | SequenceNode | MappingNode

interface Placed {
  readonly place: Place
  /** Absent where Spring loses it: the members of a set. */
  readonly origin?: PropertyOrigin
  /** How many aliases stand on the longest way from here to a scalar. */
  aliases: number
  /** Still being read: an alias to it would make a cycle. */
  open: boolean
}

export interface ScalarNode extends Placed {
  readonly kind: 'scalar'
  readonly value: Scalar | null
  /** The key `<<`, unquoted. */
  readonly merge: boolean
  /** Where its text stands, quotes included, anchor and tag not; absent where there is none. */
  readonly written: Stretch | undefined
}

export interface SequenceNode extends Placed {
  readonly kind: 'sequence'
  readonly tag: 'seq' | 'omap' | 'pairs'
  readonly items: Node[]
}

export interface MappingNode extends Placed {
  readonly kind: 'mapping'
  readonly tag: 'map' | 'set'
  /** Own and merged entries, in the order in which Spring gives them. */
  entries: readonly Entry[]
}

export interface Entry {
  readonly key: Node
  readonly value: Node
}

/** Whether a document that consists of this is empty for Spring: nothing, null, `''` or `[]`. */
export function isEmptyRoot(node: Node): boolean {
  return node.kind === 'scalar' ? node.value === null || node.value === '' : isEmptyList(node)
}

/** `[]` is an empty text for Spring, whatever its tag says. */
export function isEmptyList(node: Node): boolean {
  return node.kind === 'sequence' && node.items.length === 0
}

/** What is read as a map: also a list of pairs that says so (`!!omap`). */
export function isMap(node: Node): boolean {
  return node.kind === 'mapping' ? node.tag === 'map' : node.kind === 'sequence' && node.tag === 'omap' && node.items.length > 0
}

/** The entries of a map or set, or of all the items of a list. */
export function entriesOf(node: Node): readonly Entry[] {
  if (node.kind === 'mapping') return node.entries
  return node.kind === 'sequence' ? node.items.flatMap((item) => (item.kind === 'mapping' ? item.entries : [])) : []
}
