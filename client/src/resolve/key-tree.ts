import { type KeyStep, parseKey, uniform } from '@carillon/environment'
import type { Origin } from '../config.js'
import type { Leaf } from '../json.js'

/** All that all layers say, by the steps of keys: spellings of one property share a node. Built in place, then only read. */
export interface KeyTree {
  readonly root: KeyNode
  /** Keys that no object can hold safely, by their exact text: those with `__proto__`, without any step, or with too many. */
  readonly inert: Map<string, Entry[]>
}

export interface KeyNode {
  /** The step as its strongest source spells it. */
  readonly name: string
  /** What namesakes share. */
  readonly id: string
  readonly bracketed: boolean
  children: Map<string, KeyNode>
  /** Strongest first, at most one a rank. */
  entries: Entry[]
  /** Ranks of all that is said here or below, ascending. */
  readonly ranks: number[]
  /** Children that are indexes of a list, and those whose name no variable can spell. */
  indexes: number
  odd: KeyNode[]
}

/** One value of one layer. */
export interface Entry {
  /** 0 is the strongest layer; what is kept from an earlier resolution is stronger. */
  readonly rank: number
  readonly key: string
  /** An empty list only from an earlier resolution. */
  readonly value: Leaf | readonly []
  readonly from: Pick<Origin, 'kind' | 'source' | 'commit'>
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** For text of a variable or an argument: what it covers, and so may take the type of. */
  readonly like?: Leaf | undefined
  /** Filled in already. */
  readonly final?: true
  /** Why its value, which is null here, is not known. */
  readonly lost?: string | undefined
}

/** Deeper keys belong to no configuration, and would exhaust the stack of whoever walks the values. */
const MAX_STEPS = 100

/** Most nodes have neither; shared, because there are many nodes. */
const NO_CHILDREN: Map<string, KeyNode> = new Map()
const NO_NODES: KeyNode[] = []
const NO_ENTRIES: Entry[] = []

export function createKeyTree(): KeyTree {
  return { root: createNode({ text: '', bracketed: false }, { id: '', ranks: [] }), inert: new Map() }
}

/** Adds a value. Gives the entry that stands in its place already, where the same layer says the same property twice. */
export function addEntry(tree: KeyTree, entry: Entry, steps: readonly KeyStep[] = parseKey(entry.key)): Entry | undefined {
  if (isInert(steps)) return addInert(tree, entry)
  const { rank } = entry
  let node = tree.root
  addRank(node, rank)
  for (const step of steps) {
    const id = step.bracketed ? exactId(step.text) : idOf(step.text)
    node = node.children.get(id) ?? addChild(node, step, { id, ranks: [rank] })
    addRank(node, rank)
  }
  return placeEntry(node, entry)
}

/** The node of a key in any spelling. */
export function nodeAt(tree: KeyTree, key: string): KeyNode | undefined {
  return nodeAtSteps(tree, parseKey(key))
}

export function nodeAtSteps(tree: KeyTree, steps: readonly KeyStep[]): KeyNode | undefined {
  let node: KeyNode | undefined = tree.root
  for (const step of steps) {
    if (node === undefined) return undefined
    node = childAt(node, step)
  }
  return node
}

/** The child that a step in any spelling means. What is in brackets may stand without them, and the reverse, where that is exact. */
export function childAt({ children }: KeyNode, { text, bracketed }: KeyStep): KeyNode | undefined {
  const namesake = children.get(idOf(text))
  const exact = children.get(exactId(text))
  if (!bracketed) return namesake ?? exact
  return exact ?? (namesake?.name === text ? namesake : undefined)
}

/** The first value that a layer has at or below a node. */
export function entryBelow(node: KeyNode, rank: number): Entry | undefined {
  const own = node.entries.find((entry) => entry.rank === rank)
  if (own !== undefined) return own
  for (const child of node.children.values()) {
    if (child.ranks.includes(rank)) return entryBelow(child, rank)
  }
  return undefined
}

/** Takes a node with all below it out of the tree. */
export function removeNode(tree: KeyTree, key: string): void {
  const steps = parseKey(key)
  const last = steps.at(-1)
  const parent = steps.slice(0, -1).reduce<KeyNode | undefined>((node, step) => node && childAt(node, step), tree.root)
  const child = last && parent && childAt(parent, last)
  if (child === undefined || parent === undefined) return
  parent.children.delete(child.id)
  parent.odd = parent.odd.filter((node) => node !== child)
  if (isIndex(child.id)) parent.indexes--
}

/** Steps as a flat key in Spring's spelling. */
export function keyOfSteps(steps: readonly KeyStep[]): string {
  let key = ''
  for (const { text, bracketed } of steps) {
    if (bracketed || isIndex(text) || text === '' || /[.[\]]/.test(text)) key += `[${text}]`
    else key += key === '' ? text : `.${text}`
  }
  return key
}

/** The key of an item below a key, whose own brackets may be in disorder. */
export function itemKey(key: string, index: number): string {
  return `${keyOfSteps(parseKey(key))}[${index}]`
}

/** `0`, or digits that do not begin with it; beyond ten digits no list has an index. */
export function isIndex(text: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(text)
}

/** A step in uniform letters; a step of dashes alone stays as it is. */
export function idOf(text: string): string {
  return /[^a-z0-9]/.test(text) ? uniform(text) || text : text
}

/** Brackets keep the key of a map as it is: `m[Foo]` is not `m.foo`. What is uniform anyway is one with its namesakes, as all indexes are. */
function exactId(text: string): string {
  return idOf(text) === text ? text : `[${text}`
}

/** Where a value comes from, in the words of the public API. */
export function originOf({ from, line, column }: Entry): Origin {
  return { ...from, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) }
}

function placeEntry(node: KeyNode, entry: Entry): Entry | undefined {
  const { entries } = node
  const last = entries[entries.length - 1]
  if (last === undefined) node.entries = [entry]
  else if (last.rank < entry.rank) entries.push(entry)
  else {
    const at = entries.findIndex(({ rank }) => rank >= entry.rank)
    if (entries[at]?.rank === entry.rank) return entries[at]
    entries.splice(at, 0, entry)
  }
  return undefined
}

function isInert(steps: readonly KeyStep[]): boolean {
  return steps.length === 0 || steps.length > MAX_STEPS || steps.some(({ text }) => text === '__proto__')
}

function addInert({ inert }: KeyTree, entry: Entry): Entry | undefined {
  const entries = inert.get(entry.key)
  if (entries === undefined) inert.set(entry.key, [entry])
  else entries.push(entry)
  return undefined
}

function addChild(parent: KeyNode, step: KeyStep, { id, ranks }: Pick<KeyNode, 'id' | 'ranks'>): KeyNode {
  const node = createNode(step, { id, ranks })
  if (parent.children === NO_CHILDREN) parent.children = new Map()
  parent.children.set(id, node)
  if (isIndex(id)) parent.indexes++
  else if (/[^a-z0-9]/.test(id)) {
    if (parent.odd === NO_NODES) parent.odd = []
    parent.odd.push(node)
  }
  return node
}

/** All members at once: what all nodes share in shape is fast. */
function createNode({ text, bracketed }: KeyStep, { id, ranks }: Pick<KeyNode, 'id' | 'ranks'>): KeyNode {
  return { name: text, id, bracketed, children: NO_CHILDREN, entries: NO_ENTRIES, ranks, indexes: 0, odd: NO_NODES }
}

function addRank({ ranks }: KeyNode, rank: number): void {
  const last = ranks[ranks.length - 1]
  if (last === rank) return
  if (last === undefined || last < rank) ranks.push(rank)
  else if (!ranks.includes(rank)) {
    ranks.push(rank)
    ranks.sort((a, b) => a - b)
  }
}
