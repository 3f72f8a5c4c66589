import { startTrace, type Trace } from '@carillon/bus'
import { ServerError } from '../errors.js'
import { faultPoint } from '../fault-points.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { type AnnouncedRecord, MAX_SINCE } from './announced.js'
import { EVERYBODY, merged } from './audience.js'
import type { Concern } from './concern.js'

/** One announcement: whom it concerns, and the commit that can be read here by whoever hears it. */
export interface Announcement extends Concern {
  readonly label: string
  readonly commit: string
}

export interface AnnouncerOptions {
  readonly tree: Pick<Tree, 'current' | 'snapshot'>
  readonly record: AnnouncedRecord
  readonly concernsOf: (change: { readonly label: string; readonly from: Snapshot; readonly to: Snapshot }) => Promise<readonly Concern[]>
  /** Whether somebody can be told now. When that begins, `lookAtAll` is to be called. */
  readonly canPublish: () => boolean
  /** What is announced of one move belongs to one trace. */
  readonly publish: (announcement: Announcement, trace: Trace) => Promise<void>
  readonly onAnnounced: (announcements: readonly Announcement[], trace: Trace) => void
  readonly onTrouble: (message: string, error: unknown) => void
  /** How long to wait after so many failures of a label in a row (ms). */
  readonly pauseAfter?: (failures: number) => number
  /** For a move that nobody's request caused. */
  readonly newTrace?: () => Trace
}

/** Tells whom it concerns that labels of one repository moved: after the new commit can be read, and once for each state that was reached. */
export interface Announcer {
  /** The label may have moved, because of a request that belongs to a trace. Never waits. */
  readonly look: (label: string, cause?: Trace) => void
  /** Looks at every label again: at the start, and when the bus is back. */
  readonly lookAtAll: () => void
  /** Resolves when everything that was under way is done or has failed. */
  readonly close: () => Promise<void>
}

/** A label that is being looked at, or will be. */
interface Work {
  again: boolean
  cause: Trace | undefined
  failures: number
  told: string | undefined
  running: Promise<void> | undefined
  timer: NodeJS.Timeout | undefined
}

/**
 * One worker for each label. It compares what was last announced with what is served now, so that hints may be late, doubled or missing, and a bus that
 * was away is told the newest state and not a queue of old ones. What fails is tried again.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { tree, record, pauseAfter = backOff } = options
  const works = new Map<string, Work>()
  // Of moves that nobody could be told of yet, by label.
  const causes = new Map<string, Trace>()
  let closed = false

  const work = async (label: string, state: Work): Promise<void> => {
    try {
      do {
        state.again = false
        const { cause } = state
        const end = await announceNewest(options, { label, cause })
        if (end === 'done') causes.delete(label)
        else if (cause !== undefined) causes.set(label, cause)
      } while (state.again && !closed)
      works.delete(label)
    } catch (error) {
      tell(label, state, error)
      state.running = undefined
      state.failures += 1
      if (!closed) state.timer = setTimeout(() => start(label, state), pauseAfter(state.failures)).unref()
    }
  }
  const start = (label: string, state: Work): void => {
    clearTimeout(state.timer)
    state.running = work(label, state)
  }
  const tell = (label: string, state: Work, error: unknown): void => {
    const message = String(error)
    if (message === state.told || isExpected(error)) return
    state.told = message
    options.onTrouble(`What changed in ${label} could not be announced; it will be tried again`, error)
  }
  const look = (label: string, cause?: Trace): void => {
    if (closed) return
    const commit = tree.current(label)
    if (commit !== undefined && !isFixed(label, commit)) record.note(label, commit)
    const state = works.get(label) ?? { again: false, cause, failures: 0, told: undefined, running: undefined, timer: undefined }
    works.set(label, state)
    state.cause = cause ?? state.cause ?? causes.get(label)
    if (state.running === undefined) start(label, state)
    else state.again = true
  }
  return {
    look,
    lookAtAll: () => {
      for (const label of record.labels()) look(label)
    },
    close: async () => {
      closed = true
      for (const { timer } of works.values()) clearTimeout(timer)
      await Promise.all([...works.values()].map(({ running }) => running))
    },
  }
}

function backOff(failures: number): number {
  return Math.min(1_000 * 2 ** (failures - 1), 60_000)
}

/** A first clone that is still running is no trouble. */
function isExpected(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'not-ready'
}

/** A label that is a commit's id never moves, and there are as many of them as anyone cares to ask for. */
function isFixed(label: string, commit: string): boolean {
  return label.length >= 4 && commit.startsWith(label.toLowerCase())
}

/**
 * A label that is seen for the first time has nobody to tell. One that is gone keeps its record: it may come back. Whatever the label was since the last
 * announcement may be what an instance runs that started then, so a change from each of them counts, even where the label is back where it was.
 */
async function announceNewest(options: AnnouncerOptions, { label, cause }: Looked): Promise<'done' | 'waits'> {
  const { record } = options
  const to = await options.tree.snapshot(label)
  if (to === undefined || isFixed(label, to.id)) return 'done'
  const announced = record.get(label)
  const since = record.since(label)
  const others = [...new Set([...(announced === undefined ? [] : [announced]), ...since])].filter((commit) => commit !== to.id)
  if (others.length === 0 && announced === to.id) return 'done'
  if (others.length > 0 && !options.canPublish()) {
    await wait(record, label, { announced, commits: [...others, to.id] })
    return 'waits'
  }
  if (others.length > 0) await announce(options, { label, others, to, cause })
  faultPoint('announce.before-record')
  await record.set(label, to.id, others)
  faultPoint('announce.after-record')
  return 'done'
}

interface Looked {
  readonly label: string
  readonly cause: Trace | undefined
}

interface Waiting {
  readonly announced: string | undefined
  readonly commits: readonly string[]
}

/** Keeps for later, also for the time after a restart, what nobody could be told. */
async function wait(record: AnnouncedRecord, label: string, { announced, commits }: Waiting): Promise<void> {
  for (const commit of commits) if (commit !== announced) record.note(label, commit)
  const [first] = commits
  if (announced === undefined && first !== undefined) await record.set(label, first)
  else await record.save()
}

interface Move extends Looked {
  readonly others: readonly string[]
  readonly to: Snapshot
}

async function announce(options: AnnouncerOptions, { label, others, to, cause }: Move): Promise<void> {
  const { concernsOf, publish, onAnnounced, newTrace = startTrace } = options
  const trace = cause ?? newTrace()
  const concerns =
    others.length > MAX_SINCE
      ? [EVERYBODY]
      : merged((await Promise.all(others.map((id) => concernsOf({ label, from: { id }, to })))).flat())
  const announcements = concerns.map((concern) => ({ ...concern, label, commit: to.id }))
  await Promise.all(
    announcements.map(async (announcement) => {
      faultPoint('announce.before-publish')
      await publish(announcement, trace)
      faultPoint('announce.after-publish')
    }),
  )
  if (announcements.length > 0) onAnnounced(announcements, trace)
}
