import type { Reach } from '../tree.js'
import type { Objects } from './objects.js'

/** How many ancestors of either commit are looked at before a question about ancestry is given up: more than any replica is ever behind. */
const MAX_COMMITS = 10_000

/** Commits that were met, and those of them whose parents are still to be looked at, the first met first. */
interface Walk {
  readonly met: Set<string>
  readonly ahead: string[]
}

/**
 * How a commit stands to another: it is that commit or one of its ancestors (`reached`), a descendant of it (`behind`: who has only the other lacks it),
 * of another line (`apart`), too many commits away to tell (`far`), or not here at all (`unknown`). Clocks play no part.
 *
 * Both are followed back at once, and what both lead to is left: an ancestor of the one cannot have the one among its own. So the time it takes follows what
 * lies between them, and not how long the history is.
 */
export async function reachOf(objects: Objects, tip: string, commit: string): Promise<Reach> {
  if (tip === commit) return 'reached'
  if ((await objects.find(commit))?.type !== 'commit') return 'unknown'
  const [ours, theirs, common] = [walkFrom(tip), walkFrom(commit), walkFrom()]
  const { step, spread } = followBack(objects, common)
  while (ours.ahead.length + theirs.ahead.length > 0) {
    if (Math.max(ours.met.size, theirs.met.size) > MAX_COMMITS) return 'far'
    await step({ own: ours, other: theirs })
    if (ours.met.has(commit)) return 'reached'
    await step({ own: theirs, other: ours })
    if (theirs.met.has(tip)) return 'behind'
    await spread()
  }
  return 'apart'
}

function followBack(objects: Objects, common: Walk) {
  const parents = new Map<string, readonly string[]>()
  const load = async (id: string): Promise<readonly string[]> => {
    const found = await parentsOf(objects, id)
    parents.set(id, found)
    return found
  }
  return {
    async step({ own, other }: { readonly own: Walk; readonly other: Walk }): Promise<void> {
      const id = nextOf(own, common)
      for (const parent of id === undefined ? [] : await load(id)) {
        meet(own, parent)
        if (other.met.has(parent)) meet(common, parent)
      }
    },
    /** One step, and at once through what was looked at already: who is beyond goes as fast, and would never be caught up with. */
    async spread(): Promise<void> {
      for (let id = common.ahead.shift(); id !== undefined; id = common.ahead.shift()) {
        const known = parents.get(id)
        for (const parent of known ?? (await load(id))) meet(common, parent)
        if (known === undefined) return
      }
    },
  }
}

function walkFrom(...ids: readonly string[]): Walk {
  return { met: new Set(ids), ahead: [...ids] }
}

function meet({ met, ahead }: Walk, id: string): void {
  if (met.has(id)) return
  met.add(id)
  ahead.push(id)
}

function nextOf({ ahead }: Walk, common: Walk): string | undefined {
  for (;;) {
    const id = ahead.shift()
    if (id === undefined || !common.met.has(id)) return id
  }
}

/** In the commit's own order; none where there is no such commit. */
export async function parentsOf(objects: Objects, id: string): Promise<readonly string[]> {
  const commit = await objects.find(id)
  if (commit?.type !== 'commit') return []
  const head = new TextDecoder().decode(commit.bytes).split('\n\n', 1)[0] ?? ''
  return [...head.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map((match) => match[1] ?? '')
}
