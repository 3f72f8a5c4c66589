import { LRUCache } from 'lru-cache'

/** Which commit each label means, kept in memory and changed by one assignment. */
export interface Labels {
  /** The commit of a label that is known, from memory alone. */
  current(label: string): string | undefined
  /** The commit of a label, looked up where it is not known yet; `undefined` where there is none now. */
  resolve(label: string): Promise<string | undefined>
  /** Looks every known label up again. False where one could not be: it keeps its commit and wants another try. */
  refresh(): Promise<boolean>
  /** Whether the last `refresh` could look all of them up. */
  isComplete(): boolean
  /** Whether a label that is looked after means this commit. */
  isMeant(commit: string): boolean
}

export interface LabelOptions {
  /** Always looked after, from the start. */
  readonly defaultLabel: string
  readonly find: (label: string) => Promise<string | undefined>
  /** Called when a known label means another commit, when it vanished or came back, and when a label becomes known (from `undefined`). */
  readonly onMove: (label: string, from: string | undefined, to: string | undefined) => void
  readonly onTrouble: (error: Error) => void
  readonly limit?: number
}

interface Known {
  commit: string | undefined
}

/** Starts with the default label alone, not looked up yet. */
export function openLabels({ defaultLabel, find, onMove, onTrouble, limit = 1000 }: LabelOptions): Labels {
  const others = new LRUCache<string, Known>({ max: limit })
  const main: Known = { commit: undefined }
  // A label that is being resolved while the refs move must not store what it read before.
  let generation = 0
  let isComplete = true

  const get = (label: string) => (label === defaultLabel ? main : others.get(label))
  const set = (label: string, to: string | undefined) => {
    const known = label === defaultLabel ? main : others.peek(label)
    const from = known?.commit
    // In place: a label that moves was not asked for, and the one asked for longest ago is the next to go.
    if (known !== undefined) known.commit = to
    else if (to !== undefined) others.set(label, { commit: to })
    if (from !== to) tell(label, from, to)
  }

  const tell: LabelOptions['onMove'] = (label, from, to) => {
    try {
      onMove(label, from, to)
    } catch (error) {
      onTrouble(error as Error)
    }
  }

  const refreshOne = async (label: string): Promise<boolean> => {
    try {
      set(label, await find(label))
      return true
    } catch (error) {
      onTrouble(error as Error)
      return false
    }
  }

  return {
    current: (label) => get(label)?.commit,
    isComplete: () => isComplete,
    isMeant: (commit) => [main, ...others.values()].some((known) => known.commit === commit),
    async resolve(label) {
      for (;;) {
        const started = generation
        const commit = get(label)?.commit ?? (await find(label))
        if (started !== generation) continue
        set(label, commit)
        return commit
      }
    },
    async refresh() {
      generation += 1
      let complete = true
      for (const label of [defaultLabel, ...others.keys()]) complete = (await refreshOne(label)) && complete
      isComplete = complete
      return complete
    },
  }
}
