/** A ref that a push moved. */
export interface Moved {
  /** In full: `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string
  /** Absent where the ref was deleted, or the payload does not say. */
  readonly commit?: string
}

/** A move from what a payload says; empty where it names no ref in full. An id of zeros means that the ref is gone. */
export function movedOf(ref: string | undefined, commit: string | undefined): readonly Moved[] {
  if (ref === undefined || !/^refs\/[^\s\x00-\x1f\x7f]+$/.test(ref)) return []
  return [{ ref, ...(isCommit(commit) ? { commit } : {}) }]
}

/** The moves that can matter: tags, and the branches that the settings name (exactly, or up to a `*` at the end); without settings all branches. */
export function relevant(moved: readonly Moved[], branches: readonly string[]): readonly Moved[] {
  return moved.filter(({ ref }) => {
    if (ref.startsWith(TAGS)) return true
    return ref.startsWith(HEADS) && (branches.length === 0 || branches.some((branch) => fits(branch, ref.slice(HEADS.length))))
  })
}

const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'

function fits(wanted: string, branch: string): boolean {
  return wanted.endsWith('*') ? branch.startsWith(wanted.slice(0, -1)) : branch === wanted
}

function isCommit(text: string | undefined): text is string {
  return text !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) && !/^0+$/.test(text)
}
