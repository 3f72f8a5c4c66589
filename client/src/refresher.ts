import type { RefreshCause, RefreshResult } from './config.js'
import { ConfigError } from './errors.js'
import { closedError, type Holder } from './holder.js'
import type { Clock, Retry } from './options.js'
import type { Question, Remote } from './remote/remote.js'

/** Why somebody wants to know whether there is something newer. */
export interface Wish {
  readonly cause: RefreshCause
  /** Commits that were announced: an answer must have them. */
  readonly commits?: readonly string[]
  readonly traceparent?: string
}

/** Asks whether there is something newer: one question at a time, one that waits for all who come meanwhile. */
export interface Refresher {
  /** Never rejects. Everybody who asks before a question begins gets its answer. */
  readonly refresh: (wish: Wish) => Promise<RefreshResult>
  /** Idempotent. What is being asked ends as 'failed'. */
  readonly close: () => void
}

export interface RefresherOptions {
  readonly remote: Remote
  readonly holder: Holder
  readonly clock: Clock
  readonly random: () => number
  readonly debounceMs: number
  readonly splayMs: number
  readonly retry: Required<Retry> | undefined
  /** Called after each question. */
  readonly onResult: (result: RefreshResult) => void
}

/** What one question is asked for. */
interface Batch {
  readonly wishes: Wish[]
  readonly result: Promise<RefreshResult>
  readonly resolve: (result: RefreshResult) => void
  /** Aborted when somebody does not want to wait for others to come. */
  readonly hurry: AbortController
}

/** As many as the server takes in `X-Carillon-At-Least`. */
const MAX_TOLD = 32

export function createRefresher(options: RefresherOptions): Refresher {
  const { remote, holder, clock, random, debounceMs, splayMs, retry } = options
  const closing = new AbortController()
  /** Announced commits that no answer has had yet. */
  const told = new Set<string>()
  let waiting: Batch | undefined
  let running = false
  let lastStart = Number.NEGATIVE_INFINITY
  let failures = 0
  let retrying = false

  const questionOf = (): Question => {
    const { ingredients, version } = holder.current()
    const known = ingredients.document && { ...ingredients.document, version }
    return { ...(known ? { known } : {}), atLeast: [...version.commit.split(','), ...told], signal: closing.signal }
  }

  const ask = async (wishes: readonly Wish[]): Promise<RefreshResult> => {
    for (const commit of wishes.flatMap(({ commits = [] }) => commits)) told.add(commit)
    for (const commit of [...told].slice(0, -MAX_TOLD)) told.delete(commit)
    const asked = [...told]
    const [{ cause, traceparent } = { cause: 'manual' as const, traceparent: undefined }] = wishes
    try {
      const reply = await remote.ask(questionOf())
      for (const commit of asked) told.delete(commit)
      if (reply.kind === 'unchanged') return holder.confirm(reply)
      return await holder.adopt({ document: reply.document, cause, ...(traceparent === undefined ? {} : { traceparent }) })
    } catch (error) {
      return { status: 'failed', error: asFailure(error, closing.signal) }
    }
  }

  /** Lets others come, as long as nobody is in a hurry. */
  const gather = async ({ wishes, hurry }: Batch) => {
    const splay = wishes.every(({ cause }) => cause === 'bus') ? random() * splayMs : 0
    const pause = Math.max(lastStart + debounceMs - clock.now(), splay)
    if (pause > 0 && !hurry.signal.aborted) await clock.sleep(pause, AbortSignal.any([hurry.signal, closing.signal])).catch(() => {})
  }

  const retryLater = (after: number) => {
    if (retry === undefined || retrying || closing.signal.aborted) return
    retrying = true
    const longest = Math.min(retry.maxMs, retry.baseMs * retry.factor ** failures++)
    const again = () => {
      retrying = false
      return refresh({ cause: 'retry' })
    }
    void clock.sleep(Math.max(after, random() * longest), closing.signal).then(again, () => {})
  }

  const work = async () => {
    running = true
    while (waiting !== undefined) {
      const batch = waiting
      await gather(batch)
      waiting = undefined
      lastStart = clock.now()
      const result = closing.signal.aborted ? failed(closedError()) : await ask(batch.wishes)
      options.onResult(result)
      batch.resolve(result)
      if (result.status !== 'failed') failures = 0
      else if (waiting === undefined) retryLater(result.error.retryAfterMs ?? 0)
    }
    running = false
  }

  const refresh = (wish: Wish): Promise<RefreshResult> => {
    if (closing.signal.aborted) return Promise.resolve(failed(closedError()))
    waiting ??= newBatch()
    const batch = waiting
    batch.wishes.push(wish)
    if (wish.cause === 'manual') batch.hurry.abort()
    if (!running) void work()
    return batch.result
  }

  return { refresh, close: () => closing.abort(closedError()) }
}

function newBatch(): Batch {
  let settle: Batch['resolve'] = () => {}
  const result = new Promise<RefreshResult>((resolve) => {
    settle = resolve
  })
  return { wishes: [], result, resolve: (value) => settle(value), hurry: new AbortController() }
}

function failed(error: ConfigError): RefreshResult {
  return { status: 'failed', error }
}

function asFailure(error: unknown, signal: AbortSignal): ConfigError {
  if (signal.aborted) return closedError()
  return error instanceof ConfigError ? error : new ConfigError('bad-response', 'The check for newer values failed.', { cause: error })
}
