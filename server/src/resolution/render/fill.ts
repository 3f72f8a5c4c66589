import { formatDouble, type Scalar } from '@carillon/environment'
import type { ListNode, MapNode, Node } from './nest.js'

/** A copy of a map whose names and strings went through `text`. A string that becomes a number or a boolean is one, as it would be in YAML. */
export function fillMap({ entries, rank }: MapNode, text: (template: string) => string): MapNode {
  const filled = Array.from(entries, ([name, node]): [string, Node] => [text(name), fillNode(node, text)])
  return { kind: 'map', entries: new Map(filled), rank }
}

function fillNode(node: Node, text: (template: string) => string): Node {
  if (node.kind === 'map') return fillMap(node, text)
  if (node.kind === 'list') return fillList(node, text)
  if (typeof node.value !== 'string') return node
  const value = text(node.value)
  return value === node.value ? node : { ...node, value: typed(value) }
}

function fillList({ items, rank }: ListNode, text: (template: string) => string): ListNode {
  return { kind: 'list', items: Array.from(items, (item) => item && fillNode(item, text)), rank }
}

function typed(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^(?:0|-?[1-9][0-9]{0,999})$/.test(text)) return BigInt(text)
  return /^-?[0-9]/.test(text) && formatDouble(Number(text)) === text ? Number(text) : text
}
