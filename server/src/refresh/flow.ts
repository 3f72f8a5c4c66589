import { type Audience, type Gathering, gather } from './audience.js'
import type { Concern } from './concern.js'

/** Whatever concerns the node `from` concerns this node too, as far as `pass` lets it through. */
export interface Inflow {
  readonly from: string
  readonly pass: (concern: Concern) => Audience
}

export interface Network {
  /** Whom a node concerns by itself. */
  readonly own: (node: string) => Audience
  readonly inflows: (node: string) => readonly Inflow[]
}

/** Whom a node concerns by itself and by all that flows into it. Circles are harmless: audiences are passed on until none grows. */
export function flowInto(node: string, network: Network): Audience {
  const above = nodesAbove(node, network)
  const audiences = new Map<string, Gathering>()
  for (const name of above.keys()) audiences.set(name, gather(network.own(name)))
  // The farthest first, so that one round is enough where there is no circle that matters.
  const order = [...above].toReversed()
  for (let grown = above.size > 1; grown; ) {
    grown = false
    for (const [name, inflows] of order) grown = take(name, inflows, audiences) || grown
  }
  return audiences.get(node)?.all() ?? []
}

function nodesAbove(node: string, { inflows }: Network): ReadonlyMap<string, readonly Inflow[]> {
  const above = new Map<string, readonly Inflow[]>()
  const waiting = [node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (above.has(next)) continue
    const into = inflows(next)
    above.set(next, into)
    waiting.push(...into.map(({ from }) => from))
  }
  return above
}

function take(node: string, inflows: readonly Inflow[], audiences: ReadonlyMap<string, Gathering>): boolean {
  const audience = audiences.get(node)
  let grown = false
  for (const { from, pass } of inflows) {
    for (const concern of audiences.get(from)?.all().flatMap(pass) ?? []) grown = audience?.add(concern) === true || grown
  }
  return grown
}
