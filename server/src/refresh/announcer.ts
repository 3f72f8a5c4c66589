import { faultPoint } from '../fault-points.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import type { AnnouncedRecord } from './announced.js'
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
  /** Rejects while nobody can be told. */
  readonly publish: (announcement: Announcement) => Promise<void>
  readonly onAnnounced: (announcements: readonly Announcement[]) => void
  readonly onTrouble: (message: string, error: unknown) => void
}

/** Tells whom it concerns that labels of one repository moved: after the new commit can be read, and once for each state that was reached. */
export interface Announcer {
  /** The label may have moved. Never waits. */
  readonly look: (label: string) => void
  /** Looks at every label again: at the start, and when the bus is back. */
  readonly lookAtAll: () => void
  /** Resolves when everything that was under way is done or has failed. */
  readonly close: () => Promise<void>
}

/**
 * One worker for each label. It compares what was last announced with what is served now, so that hints may be late, doubled or missing, and a bus that
 * was away is told the newest state and not a queue of old ones.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const working = new Map<string, Promise<void>>()
  const again = new Set<string>()
  let closed = false

  const look = (label: string): void => {
    if (closed) return
    if (working.has(label)) {
      again.add(label)
      return
    }
    const work = announceNewest(options, label)
      .catch((error: unknown) => options.onTrouble(`What changed in ${label} could not be announced; it will be tried again`, error))
      .then(() => {
        working.delete(label)
        if (again.delete(label)) look(label)
      })
    working.set(label, work)
  }
  return {
    look,
    lookAtAll: () => {
      for (const label of options.record.labels()) look(label)
    },
    close: async () => {
      closed = true
      await Promise.all(working.values())
    },
  }
}

/** A label that is seen for the first time has nobody to tell. One that is gone keeps its record: it may come back. */
async function announceNewest({ tree, record, concernsOf, publish, onAnnounced }: AnnouncerOptions, label: string): Promise<void> {
  const to = await tree.snapshot(label)
  const from = record.get(label)
  if (to === undefined || to.id === from) return
  if (from !== undefined) {
    const concerns = await concernsOf({ label, from: { id: from }, to })
    const announcements = concerns.map((concern) => ({ ...concern, label, commit: to.id }))
    for (const announcement of announcements) {
      faultPoint('announce.before-publish')
      await publish(announcement)
      faultPoint('announce.after-publish')
    }
    if (announcements.length > 0) onAnnounced(announcements)
  }
  faultPoint('announce.before-record')
  await record.set(label, to.id)
  faultPoint('announce.after-record')
}
