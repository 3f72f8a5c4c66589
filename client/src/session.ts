import type { ConfigError } from './errors.js'
import type { Generation, Make } from './generation.js'
import { listenForHints } from './hints.js'
import { closedError, type Holder, holdGeneration } from './holder.js'
import { keeperOf } from './keeper.js'
import { keepLives } from './lives.js'
import type { Clock } from './options.js'
import type { Plan } from './plan.js'
import { createRefresher, type Refresher } from './refresher.js'
import type { Remote } from './remote/remote.js'
import type { Snapshot } from './snapshot.js'
import { type StatusBoard, statusBoard } from './status.js'
import { type Telling, telling } from './telling.js'

export interface Opening {
  readonly plan: Pick<Plan, 'names' | 'profiles' | 'labels' | 'logger' | 'clock' | 'random' | 'retry' | 'refresh'>
  readonly make: Make
  readonly remote: Remote
  readonly first: Generation
  /** What kept the first answer from coming. */
  readonly trouble: ConfigError | undefined
  /** Keeps what a server said on disk. */
  readonly snapshot: Snapshot | undefined
  readonly pid: number
}

/** Configuration from its first generation on: what is in use, who replaces it, and who hears of it. */
export interface Session extends Pick<Telling, 'on' | 'watch'> {
  readonly holder: Holder
  readonly refresher: Refresher
  readonly board: StatusBoard
  /** Idempotent. */
  readonly close: () => Promise<void>
}

const RETRY = { baseMs: 250, factor: 2, maxMs: 10_000 }
const ONCE = { pollMs: 0, bus: undefined, debounceMs: 0, splayMs: 0 }

/** Starts polling and the bus. Throws what joining the bus throws. */
export function openSession({ plan, make, remote, first, trouble, snapshot, pid }: Opening): Session {
  const { logger, clock, random } = plan
  const { pollMs, bus, debounceMs, splayMs } = plan.refresh ?? ONCE
  const tell = telling(logger)
  const lives = keepLives((cause) => tell.failure('Disposing what was made of former values', cause))
  const holder = holdGeneration({ first, make, lives, onChange: tell.changed, onRejected: tell.rejected })
  const keeper = keeperOf(snapshot, tell.trouble)
  const board = statusBoard({
    current: holder.current,
    bus: bus ? 'connecting' : 'off',
    first: { lastCheck: new Date(clock.now()), ...(trouble ? { lastError: trouble } : {}) },
    now: clock.now,
    onChange: tell.status,
  })
  const refresher = createRefresher({
    ...{ remote, holder, clock, random, debounceMs, splayMs },
    retry: plan.retry === false || plan.refresh === undefined ? undefined : { ...RETRY, ...plan.retry },
    onResult: (result) => {
      board.noteResult(result)
      hints?.noteResult(result)
      tell.result(result)
      if (result.status === 'applied' || result.status === 'unchanged') keeper.keep(holder.current().ingredients.document)
    },
  })
  const hints =
    bus &&
    listenForHints({
      link: bus,
      membership: { ...plan, index: pid },
      refresh: refresher.refresh,
      announce: (announced) => holder.adopt({ announced, cause: 'bus' }),
      version: () => holder.current().version,
      onState: board.noteBus,
      onTrouble: tell.trouble,
    })
  const ending = new AbortController()
  if (pollMs > 0) void poll({ refresher, clock, pause: () => pollMs * (0.8 + 0.4 * random()), signal: ending.signal })
  if (first.source === 'server') keeper.keep(first.ingredients.document)
  if (trouble && plan.refresh) void refresher.refresh({ cause: 'retry' })

  let closed: Promise<void> | undefined
  const close = async () => {
    ending.abort(closedError())
    refresher.close()
    board.noteClosed()
    await Promise.all([hints?.close(), holder.close(), keeper.done()])
    remote.close()
  }
  return {
    ...{ holder, refresher, board, on: tell.on, watch: tell.watch },
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

interface Polling {
  readonly refresher: Refresher
  readonly clock: Clock
  /** Milliseconds until the next question. */
  readonly pause: () => number
  readonly signal: AbortSignal
}

/** Ends with the signal. */
async function poll({ refresher, clock, pause, signal }: Polling): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(pause(), signal).catch(() => {})
    if (!signal.aborted) await refresher.refresh({ cause: 'poll' })
  }
}
