import type { Snapshot, Tree } from '../trees/tree.js'

/** Two snapshots of which the first is the parent of the second. */
export interface Step {
  readonly from: Snapshot
  readonly to: Snapshot
}

/** A line that is longer than this is not followed. */
const MAX_STEPS = 500

/**
 * The steps, by first parents, that lead from a common ancestor to either of two snapshots: to the second alone, where the first is its ancestor. `unrelated`
 * where neither has a past, so that nothing leads from one to the other; `far` where they have no common ancestor, or none that is near.
 */
export async function stepsBetween(tree: Pick<Tree, 'parent'>, { from, to }: Step): Promise<readonly Step[] | 'unrelated' | 'far'> {
  const [theirs, ours] = [[from.id], [to.id]]
  const seen = new Set([from.id, to.id])
  for (let grows = from.id !== to.id; grows; ) {
    grows = false
    for (const line of [ours, theirs]) {
      const parent = line.length > MAX_STEPS ? undefined : await tree.parent({ id: line.at(-1) ?? '' })
      if (parent === undefined) continue
      grows = true
      line.push(parent.id)
      if (seen.has(parent.id)) return [...stepsFrom(parent.id, theirs), ...stepsFrom(parent.id, ours)]
      seen.add(parent.id)
    }
  }
  return ours.length === 1 && theirs.length === 1 ? 'unrelated' : 'far'
}

/** A line is newest first. */
function stepsFrom(base: string, line: readonly string[]): readonly Step[] {
  const ids = line.slice(0, line.indexOf(base) + 1).toReversed()
  return ids.slice(1).map((id, index) => ({ from: { id: ids[index] ?? '' }, to: { id } }))
}
