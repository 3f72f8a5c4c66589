import { faultPoint } from '../fault-points.js'
import { createStoredList } from '../stored-file.js'

/**
 * What was last announced for each label of one repository, and what it was since without being announced. It is kept on disk: a server that dies between
 * taking a commit up and announcing it makes good at its next start.
 */
export interface AnnouncedRecord {
  /** What was last announced; `undefined` where nothing ever was. */
  readonly get: (label: string) => string | undefined
  readonly labels: () => readonly string[]
  /** What the label was since: somebody may have read it and been told of nothing. */
  readonly since: (label: string) => readonly string[]
  /** The label is this commit now. In memory, until something is written. */
  readonly note: (label: string, commit: string) => void
  /** A commit was announced to all who may run one of the others. Resolves once the disk has it. */
  readonly set: (label: string, commit: string, others?: readonly string[]) => Promise<void>
  /** Resolves once the disk has all notes. */
  readonly save: () => Promise<void>
}

export interface AnnouncedOptions {
  readonly onTrouble: (message: string, error: unknown) => void
  /** Whether a label is still served: such a one is not forgotten. */
  readonly isInUse?: (label: string) => boolean
}

/** Labels beyond this are forgotten, the one announced longest ago first. More than a tree looks after at a time. */
const MAX_LABELS = 2_000
/** States beyond this are as good as all that there ever were. */
export const MAX_SINCE = 16

interface Known {
  announced?: string
  readonly since: Set<string>
}

/** Opens the record in a file; one that is missing or cannot be read is an empty record, told to `onTrouble` where it is damaged. */
export async function openAnnouncedRecord(path: string, { onTrouble, isInUse = () => false }: AnnouncedOptions): Promise<AnnouncedRecord> {
  const known = new Map<string, Known>()
  const stored = createStoredList({
    path,
    what: 'The record of announcements',
    list: () => [...known].flatMap(([label, { announced, since }]) => (announced === undefined ? [] : [[label, announced, ...since]])),
    onTrouble,
    beforeReplace: () => faultPoint('announce.within-record'),
  })
  for (const entry of (await stored.read()).filter(isEntry)) {
    const [label, announced, ...since] = entry
    known.set(label, { announced, since: new Set(since) })
  }
  const get = (label: string): Known => {
    const found = known.get(label) ?? { since: new Set() }
    known.set(label, found)
    return found
  }
  return {
    get: (label) => known.get(label)?.announced,
    labels: () => [...known.keys()],
    since: (label) => [...(known.get(label)?.since ?? [])],
    note: (label, commit) => {
      const { since } = get(label)
      if (since.size <= MAX_SINCE) since.add(commit)
    },
    set: (label, commit, others = []) => {
      const { since } = get(label)
      for (const told of [commit, ...others]) since.delete(told)
      known.delete(label)
      known.set(label, { announced: commit, since })
      forgetOldest(known, isInUse)
      return stored.write()
    },
    save: stored.write,
  }
}

function isEntry(entry: unknown): entry is readonly [string, string, ...string[]] {
  return Array.isArray(entry) && entry.length >= 2 && entry.every((text) => typeof text === 'string')
}

function forgetOldest(known: Map<string, Known>, isInUse: (label: string) => boolean): void {
  for (const label of known.keys()) {
    if (known.size <= MAX_LABELS) return
    if (!isInUse(label)) known.delete(label)
  }
}
