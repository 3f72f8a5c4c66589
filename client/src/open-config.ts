import type { Change, Config, ConfigEvents, RefreshResult, Status, Version } from './config.js'
import { ConfigError } from './errors.js'
import type { Generation, Make } from './generation.js'
import { listenForHints } from './hints.js'
import { closedError, holdGeneration } from './holder.js'
import { listeners } from './listeners.js'
import { keepLives } from './lives.js'
import type { Plan } from './plan.js'
import { readerOf } from './reader.js'
import { createRefresher } from './refresher.js'
import type { Remote } from './remote/remote.js'
import { toEnv } from './resolve/to-env.js'
import type { Snapshot } from './snapshot.js'
import { healthOf, statusBoard } from './status.js'
import { watchers } from './watchers.js'

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

const RETRY = { baseMs: 250, factor: 2, maxMs: 10_000 }

/** Configuration from its first generation on: everything that listens to it, and everything that replaces it. */
export function openConfig({ plan, make, remote, first, trouble, snapshot, pid }: Opening): Config<unknown> {
  const { logger, clock, random } = plan
  const events = listeners<ConfigEvents<unknown>>((event, cause) => tellFailure(`A listener of '${String(event)}'`, cause))
  const watching = watchers((path, cause) => tellFailure(`A watcher of '${path}'`, cause))
  const lives = keepLives((cause) => tellFailure('Disposing what was made of former values', cause))
  const holder = holdGeneration({ first, make, lives, onChange: changed, onRejected: rejected })
  const board = statusBoard({
    current: holder.current,
    bus: plan.refresh?.bus ? 'connecting' : 'off',
    first: { lastCheck: new Date(clock.now()), ...(trouble ? { lastError: trouble } : {}) },
    now: clock.now,
    onChange: (status) => events.emit('status', status),
  })
  const { pollMs, bus, ...pace } = plan.refresh ?? { pollMs: 0, bus: undefined, debounceMs: 0, splayMs: 0 }
  const retry = plan.retry === false || plan.refresh === undefined ? undefined : { ...RETRY, ...plan.retry }
  const refresher = createRefresher({ remote, holder, clock, random, ...pace, retry, onResult: noteResult })
  const ending = new AbortController()
  const hints =
    bus &&
    listenForHints({
      link: bus,
      membership: { ...plan, index: pid },
      refresh: refresher.refresh,
      announce: (announced) => holder.adopt({ announced, cause: 'bus' }),
      version: () => holder.current().version,
      onState: board.noteBus,
      onTrouble: (error) => logger.warn(`Configuration: ${error.message}`),
    })
  let reader = readerOf(first.resolved)
  let saved: Promise<void> = Promise.resolve()
  let savedDigest: string | undefined
  let closed: Promise<void> | undefined

  function changed(change: Change<unknown>, was: Generation, now: Generation): void {
    reader = readerOf(now.resolved)
    for (const warning of now.resolved.warnings) logger.warn(`Configuration: ${warning}`)
    watching.tell(change, was.resolved, now.resolved)
    events.emit('change', change)
    logger.info(`Configuration: ${change.changes.size} keys changed, ${nameOf(change.to)} is in use`)
  }

  function rejected(rejection: ConfigEvents<unknown>['rejected'], error: ConfigError): void {
    logger.error(
      `Configuration: ${nameOf(rejection.version)} is refused, ${nameOf(holder.current().version)} stays in use. ${error.message}`,
    )
    events.emit('rejected', rejection)
  }

  function noteResult(result: RefreshResult): void {
    board.noteResult(result)
    hints?.noteResult(result)
    if (result.status === 'failed' && result.error.code !== 'closed') {
      logger.warn(`Configuration: ${result.error.message}`)
      events.emit('error', result.error)
    }
    if (result.status === 'applied' || result.status === 'unchanged') save()
  }

  /** What a server confirmed is good still, and what is new takes its place. */
  function save(): void {
    const { document } = holder.current().ingredients
    const saving = document && document.version.digest !== savedDigest ? snapshot?.write(document) : snapshot?.confirm()
    savedDigest = document?.version.digest
    saved = Promise.resolve(saving).catch((error: Error) => logger.warn(`Configuration: ${error.message}`))
  }

  function tellFailure(what: string, cause: unknown): void {
    const error = cause instanceof ConfigError ? cause : new ConfigError('invalid', `${what} failed.`, { cause })
    logger.error(`Configuration: ${what} failed.`, cause)
    // a listener of errors that fails would hear of itself
    if (what !== "A listener of 'error'") events.emit('error', error)
  }

  async function poll(): Promise<void> {
    for (;;) {
      await clock.sleep(pollMs * (0.8 + 0.4 * random()), ending.signal)
      await refresher.refresh({ cause: 'poll' })
    }
  }
  // ends with the signal, and has nothing to say
  if (pollMs > 0) poll().catch(() => {})
  if (first.source === 'server') save()
  if (trouble && plan.refresh) void refresher.refresh({ cause: 'retry' })

  async function close(): Promise<void> {
    ending.abort(closedError())
    refresher.close()
    board.noteClosed()
    await Promise.all([hints?.close(), holder.close(), saved])
    remote.close()
  }

  return {
    get values() {
      return holder.current().resolved.values as object
    },
    get version(): Version {
      return holder.current().version
    },
    get status(): Status {
      return board.read()
    },
    get: (path: string, ...otherwise: readonly unknown[]) => reader.get(path, ...otherwise),
    has: (path) => reader.has(path),
    flat: () => holder.current().resolved.flat,
    explain: (path) => holder.current().resolved.explain(path),
    refresh: ({ signal } = {}) => untilAborted(refresher.refresh({ cause: 'manual' }), signal),
    on: events.on,
    watch: (path: string, listener: (now: never, was: never, change: Change<unknown>) => void) => watching.add(path, listener as never),
    live: (paths: string | readonly string[], make: (values: never) => unknown, dispose: (old: never) => unknown = () => {}) =>
      holder.live({ paths: typeof paths === 'string' ? [paths] : paths, make: make as never, dispose: dispose as never }),
    toEnv: (options) => toEnv(holder.current().resolved.flat, options),
    health: () => healthOf(board.read()),
    close: () => {
      closed ??= close()
      return closed
    },
    [Symbol.asyncDispose]: () => {
      closed ??= close()
      return closed
    },
  } as Config<unknown>
}

function nameOf({ commit, digest }: Version): string {
  return commit.slice(0, 10) || digest.slice(0, 10) || 'nothing'
}

/** The question goes on for others who wait for it. */
async function untilAborted(result: Promise<RefreshResult>, signal: AbortSignal | undefined): Promise<RefreshResult> {
  if (signal === undefined) return result
  const aborted = (): RefreshResult => {
    const error = new ConfigError('timeout', 'Nobody waited for the answer of the server.', { cause: signal.reason })
    return { status: 'failed', error }
  }
  if (signal.aborted) return aborted()
  return new Promise((resolve) => {
    const stop = () => resolve(aborted())
    signal.addEventListener('abort', stop, { once: true })
    void result.then((value) => {
      signal.removeEventListener('abort', stop)
      resolve(value)
    })
  })
}
