import type { Property } from '@carillon/environment'
import type { Budget, Stretch } from '../document.js'
import { keySegment } from './keys.js'
import { entriesOf, isMap, type MappingNode, type Node, type ScalarNode, type SequenceNode } from './nodes.js'

/** Takes flat keys in the order in which they come. */
export interface FlatTarget extends Pick<Budget, 'step'> {
  put(key: string, property: Property, written?: Stretch): void
}

/** Writes a document's flat keys as Spring's YamlProcessor names them; a root that is not a map is called `document`. */
export function flattenRoot(root: Node, target: FlatTarget): void {
  if (isMap(root)) flattenEntries(root, '', target)
  else flatten(root, 'document', target)
}

function flatten(node: Node, path: string, target: FlatTarget): void {
  // A long path costs where nothing is put, too: an empty map a million times below a long key.
  target.step(node.kind === 'scalar' ? 0 : path.length)
  if (node.kind === 'scalar') putScalar(node, path, target)
  else if (isMap(node)) flattenEntries(node, path, target)
  else flattenItems(node, path, target)
}

function putScalar(node: ScalarNode, path: string, target: FlatTarget): void {
  target.put(path, { value: node.value ?? '', ...originOf(node) }, node.written)
}

function originOf(node: Node): Pick<Property, 'origin'> {
  return node.origin === undefined ? {} : { origin: node.origin }
}

function flattenEntries(node: Node, path: string, target: FlatTarget): void {
  for (const { key, value } of entriesOf(node)) flatten(value, joined(path, keySegment(key, target)), target)
}

/** An empty list is an empty text; an empty map is nothing. */
function flattenItems(node: SequenceNode | MappingNode, path: string, target: FlatTarget): void {
  const items = itemsOf(node)
  const lostOrigin = node.kind === 'mapping'
  if (items.length === 0) target.put(path, { value: '', ...(lostOrigin ? {} : originOf(node)) })
  for (const [index, item] of items.entries()) flatten(item, joined(path, `[${index}]`), target)
}

/** A set is the list of its keys, whose origins Spring does not keep; a pair is a list of two. */
function itemsOf(node: SequenceNode | MappingNode): readonly Node[] {
  if (node.kind === 'mapping') return node.entries.map((entry) => withoutOrigin(entry.key))
  if (node.tag === 'seq') return node.items
  return entriesOf(node).map(({ key, value }) => ({ ...node, tag: 'seq', items: [key, value] }))
}

function withoutOrigin(node: Node): Node {
  if (node.kind !== 'scalar') return node
  const { origin: _, ...rest } = node
  return rest
}

/** No dot before a bracket, and none behind a path that is blank. */
function joined(path: string, segment: string): string {
  if (isBlank(path)) return segment
  return segment.startsWith('[') ? path + segment : `${path}.${segment}`
}

/** What Java's `Character.isWhitespace` takes, which is neither ES's set nor Unicode's. */
const BLANK = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/

function isBlank(path: string): boolean {
  return BLANK.test(path)
}
