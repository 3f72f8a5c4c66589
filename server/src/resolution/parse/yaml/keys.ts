import { scalarText } from '@carillon/environment'
import type { Budget } from '../document.js'
import { entriesOf, isEmptyList, isMap, type Node } from './nodes.js'

/** The text of a key in a flat name: a string as it is, anything else in brackets (`[1]`, `[true]`, `[null]`). */
export function keySegment(key: Node, budget: Pick<Budget, 'step'>): string {
  return key.kind === 'scalar' && typeof key.value === 'string' ? key.value : `[${javaText(key, budget)}]`
}

/** Equal for keys that Java's `equals` calls equal: `1` and `0x1`, but neither `1` and `"1"` nor `1` and `1.0`. */
export function keyIdentity(key: Node, budget: Pick<Budget, 'step'>): string {
  return `${key.kind === 'scalar' ? typeof key.value : key.kind} ${javaText(key, budget)}`
}

/** What Java's `toString` gives for the object that SnakeYAML makes: `[a, b]`, `{k=v}`, `1.0E10`. */
function javaText(node: Node, budget: Pick<Budget, 'step'>): string {
  budget.step(node.kind === 'scalar' && typeof node.value === 'string' ? node.value.length : 0)
  if (node.kind === 'scalar') return node.value === null ? 'null' : scalarText(node.value)
  if (isMap(node))
    return `{${entriesOf(node)
      .map(({ key, value }) => `${javaText(key, budget)}=${valueText(value, budget)}`)
      .join(', ')}}`
  if (node.kind === 'sequence') return `[${node.items.map((item) => valueText(item, budget)).join(', ')}]`
  return `[${node.entries.map((entry) => javaText(entry.key, budget)).join(', ')}]`
}

/** A null or an empty list that is a value has become `''` by the time it is printed; a null that is a key has not. */
function valueText(node: Node, budget: Pick<Budget, 'step'>): string {
  const isEmpty = isEmptyList(node) || (node.kind === 'scalar' && node.value === null)
  return isEmpty ? '' : javaText(node, budget)
}
