import type { Snapshot, Tree } from '../trees/tree.js'

/** A folder as it is when it has come to rest: what is announced of it should not be half of a change. */
export interface SettledFolder {
  readonly current: () => string | undefined
  readonly snapshot: () => Promise<Snapshot | undefined>
  /** Idempotent. */
  readonly close: () => void
}

export interface SettledOptions {
  readonly tree: Pick<Tree, 'fetch' | 'snapshot'>
  readonly onSettled: () => void
  /** Between two looks (ms), at least; a folder that takes long to look through is looked at less often. */
  readonly interval?: number
}

/** Looks at a folder again and again. Its state counts once two looks in a row saw the same; while it cannot be read, the last one stands. */
export function watchSettled({ tree, onSettled, interval = 500 }: SettledOptions): SettledFolder {
  let seen: string | undefined
  let settled: string | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const look = async (): Promise<void> => {
    const started = Date.now()
    const id = await idOf(tree).catch(() => seen)
    if (closed) return
    const isNew = id !== undefined && id === seen && id !== settled
    seen = id
    if (isNew) settled = id
    if (isNew) onSettled()
    timer = setTimeout(look, Math.max(interval, 10 * (Date.now() - started))).unref()
  }
  void look()
  return {
    current: () => settled,
    snapshot: async () => (settled === undefined ? undefined : { id: settled }),
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

async function idOf(tree: SettledOptions['tree']): Promise<string | undefined> {
  await tree.fetch(new AbortController().signal)
  return (await tree.snapshot(''))?.id
}
