import type { Health, RefreshResult, Status } from './config.js'
import { type Generation, NO_VERSION } from './generation.js'
import type { RemoteDocument } from './remote/remote.js'

/** What is known of the configuration's state beside the generation in use. */
export interface StatusBoard {
  readonly read: () => Status
  /** Notes what came of a question. */
  readonly noteResult: (result: RefreshResult) => void
  readonly noteBus: (bus: Status['bus']) => void
  readonly noteClosed: () => void
}

interface Noted extends Pick<Status, 'bus' | 'stale' | 'closed' | 'wanted' | 'lastCheck' | 'lastError'> {}

export interface StatusOptions {
  readonly current: () => Generation
  readonly bus: Status['bus']
  /** When the first answer came, and what kept it from coming. */
  readonly first: Pick<Status, 'lastCheck' | 'lastError'>
  readonly now: () => number
  /** Told of each change of more than the time of the last check. */
  readonly onChange: (status: Status) => void
}

export function statusBoard({ current, bus, first, now, onChange }: StatusOptions): StatusBoard {
  let noted: Noted = { ...first, bus, stale: first.lastError !== undefined, closed: false }
  const read = (): Status => {
    const { version, source, resolved, ingredients } = current()
    return { ...noted, ...behind(ingredients.document, noted), source, applied: version, restartRequired: resolved.heldBack }
  }
  let last = meaningOf(read())
  const note = (next: Noted) => {
    noted = next
    const meaning = meaningOf(read())
    if (meaning === last) return
    last = meaning
    onChange(read())
  }
  return {
    read,
    noteResult: (result) => note(afterResult(noted, result, new Date(now()))),
    noteBus: (state) => note({ ...noted, bus: state }),
    noteClosed: () => note({ ...noted, bus: 'off', closed: true }),
  }
}

/** Operators' words: DEGRADED is no reason to restart anything. */
export function healthOf(details: Status): Health {
  if (details.closed) return { status: 'DOWN', details }
  return { status: details.stale || details.source !== 'server' ? 'DEGRADED' : 'UP', details }
}

/** A server that cannot serve the newest commit says so: what it gives instead is old, and nobody's refusal. */
function behind(document: RemoteDocument | undefined, { wanted }: Noted): Partial<Pick<Status, 'stale' | 'wanted'>> {
  if (document?.staleAt === undefined) return {}
  return { stale: true, wanted: wanted ?? { commit: document.staleAt, label: document.version.label, digest: '' } }
}

function afterResult({ bus, closed, ...before }: Noted, result: RefreshResult, lastCheck: Date): Noted {
  switch (result.status) {
    case 'applied':
    case 'unchanged':
      return { bus, closed, stale: false, lastCheck }
    case 'rejected':
      return { bus, closed, stale: true, lastCheck, wanted: result.version }
    case 'failed':
      return { ...before, bus, closed, stale: true, lastCheck, lastError: result.error }
    default:
      return result satisfies never
  }
}

function meaningOf({ source, bus, applied, wanted = NO_VERSION, stale, lastError, restartRequired, closed }: Status): string {
  return JSON.stringify([source, bus, applied, wanted, stale, lastError?.message ?? '', restartRequired, closed])
}
