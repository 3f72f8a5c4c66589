import type { KeyStep } from '@carillon/environment'
import type { Leaf } from '../json.js'
import { addEntry, childAt, isIndex, type KeyNode, type KeyTree, keyOfSteps } from './key-tree.js'
import { type LocalName, type LocalText, wordOf } from './local-names.js'
import type { WarningList } from './warnings.js'

/** Arguments and variables that name a key. */
export interface LocalValue {
  readonly steps: readonly KeyStep[]
  /** The first one counts. */
  readonly texts: readonly LocalText[]
  /** What they cover. */
  readonly like?: Leaf | undefined
}

/** Where arguments and variables stand among the layers. */
export interface LocalRanks {
  readonly arg: number
  readonly env: number
}

/**
 * The arguments and variables that name a value, a list or an item that some layer has. A name that only begins keys counts for nothing: `USER` must not
 * cover `user.name`.
 */
export function knownLocals(tree: KeyTree, names: LocalName, ranks: LocalRanks): readonly LocalValue[] {
  const found: LocalValue[] = []
  const visit = (name: LocalName, nodes: readonly KeyNode[], steps: readonly KeyStep[]): void => {
    if (name.texts.length > 0 && (nodes.length === 0 || nodes.some(takesText)))
      found.push({ steps, texts: name.texts, like: likeOf(nodes, ranks) })
    for (const [id, next] of name.next) {
      const children = childrenFor(nodes, id)
      if (children !== undefined) visit(next, children, [...steps, stepOf(children, id)])
    }
  }
  visit(names, [tree.root], [])
  return found
}

/** Puts arguments and variables into the tree. */
export function addLocals(tree: KeyTree, locals: readonly LocalValue[], { ranks, warnings }: Adding): void {
  for (const local of locals) {
    for (const kind of ['arg', 'env'] as const)
      addLocal(tree, { ...local, texts: local.texts.filter((text) => text.kind === kind) }, { ranks, warnings })
  }
}

interface Adding {
  readonly ranks: LocalRanks
  readonly warnings: WarningList
}

function addLocal(tree: KeyTree, { steps, texts: [text, ...others], like }: LocalValue, { ranks, warnings }: Adding): void {
  if (text === undefined) return
  const { kind, source } = text
  const spelled = spelledAs(tree, steps)
  const key = keyOfSteps(spelled)
  const other = others.find(({ value }) => value !== text.value)
  if (other !== undefined) warnings.add(`${source} and ${other.source} both name ${key}; ${source} counts`)
  const value = textOf(text, like)
  if (value === undefined) warnings.add(`${source} has no value and is left out; write ${source}=VALUE`)
  else addEntry(tree, { rank: ranks[kind], key, value, from: { kind, source }, like }, spelled)
}

/** Steps as the layers spell them, as far as they have them. */
function spelledAs(tree: KeyTree, steps: readonly KeyStep[]): readonly KeyStep[] {
  let node: KeyNode | undefined = tree.root
  return steps.map((step) => {
    node = node && childAt(node, step)
    return node === undefined ? step : { text: node.name, bracketed: node.bracketed }
  })
}

/** A bare argument is a switch. Where a text or a number stands, a value was forgotten, and an empty one would be a bad guess. */
function textOf({ bare, value }: LocalText, like: Leaf | undefined): string | undefined {
  if (bare === undefined) return value
  return like === undefined || like === null || typeof like === 'boolean' ? 'true' : undefined
}

function takesText({ entries, indexes }: KeyNode): boolean {
  return entries.length > 0 || indexes > 0
}

/** The children that a step means. An index means any item, the exact one first: the list of a stronger layer may have more items. */
function childrenFor(nodes: readonly KeyNode[], id: string): readonly KeyNode[] | undefined {
  const exact = nodes.flatMap((node) => node.children.get(id) ?? oddChild(node, id) ?? [])
  if (!isIndex(id)) return exact.length > 0 ? exact : undefined
  const items = nodes.flatMap(({ children, indexes }) => (indexes > 0 ? [...children.values()].filter((child) => isIndex(child.id)) : []))
  if (items.length > 0) return [...exact, ...items.filter((item) => !exact.includes(item))]
  // An empty text may be an empty list
  return exact.length > 0 || nodes.some(({ entries }) => entries[0]?.value === '') ? exact : undefined
}

function oddChild({ odd }: KeyNode, id: string): KeyNode | undefined {
  return odd.find((child) => wordOf(child.id) === id)
}

function stepOf([child]: readonly KeyNode[], id: string): KeyStep {
  return child === undefined || isIndex(id) ? { text: id, bracketed: isIndex(id) } : { text: child.name, bracketed: child.bracketed }
}

/** The strongest value that is covered; for a text in the place of a list, that of its first item. */
function likeOf(nodes: readonly KeyNode[], ranks: LocalRanks): Leaf | undefined {
  for (const { entries, children, indexes } of nodes) {
    const covered = [...entries, ...(indexes > 0 ? (children.get('0')?.entries ?? []) : [])].find(({ rank }) => rank > ranks.env)
    if (covered !== undefined && !Array.isArray(covered.value)) return covered.value as Leaf
  }
  return undefined
}
