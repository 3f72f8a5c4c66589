import { LRUCache } from 'lru-cache'

/** Commits of a clone that nothing which tidies up may take away, although no branch leads to them any more. */
export interface Kept {
  readonly add: (commit: string) => void
  /** The refs that hold on to them, as full names. */
  readonly refs: () => ReadonlyMap<string, string>
}

/** Each of them costs a line in `packed-refs`; the one that was asked for longest ago is let go. */
const MAX_KEPT = 100
const PREFIX = 'refs/carillon/good/'

export function createKept(): Kept {
  const kept = new LRUCache<string, true>({ max: MAX_KEPT })
  return {
    add: (commit) => {
      kept.set(commit, true)
    },
    refs: () => new Map([...kept.keys()].map((commit) => [`${PREFIX}${commit}`, commit])),
  }
}

export function isKeptRef(name: string): boolean {
  return name.startsWith(PREFIX)
}
