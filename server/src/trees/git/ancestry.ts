import type { Reach } from '../tree.js'
import type { Objects } from './objects.js'

/** How many commits are looked at before a question about ancestry is given up: more than any replica is ever behind. */
const MAX_COMMITS = 10_000

/**
 * How a commit stands to another: it is that commit or one of its ancestors (`reached`), a descendant of it (`behind`: who has only the other lacks it),
 * of another line (`apart`), or not here at all (`unknown`). Clocks play no part.
 */
export async function reachOf(objects: Objects, tip: string, commit: string): Promise<Reach> {
  if (tip === commit) return 'reached'
  if ((await objects.find(commit))?.type !== 'commit') return 'unknown'
  if (await isAncestor(objects, commit, tip)) return 'reached'
  return (await isAncestor(objects, tip, commit)) ? 'behind' : 'apart'
}

async function isAncestor(objects: Objects, ancestor: string, tip: string): Promise<boolean> {
  const seen = new Set([tip])
  for (const id of seen) {
    if (id === ancestor) return true
    if (seen.size > MAX_COMMITS) return false
    for (const parent of await parentsOf(objects, id)) seen.add(parent)
  }
  return false
}

/** In the commit's own order; none where there is no such commit. */
export async function parentsOf(objects: Objects, id: string): Promise<readonly string[]> {
  const commit = await objects.find(id)
  if (commit?.type !== 'commit') return []
  const head = new TextDecoder().decode(commit.bytes).split('\n\n', 1)[0] ?? ''
  return [...head.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map((match) => match[1] ?? '')
}
