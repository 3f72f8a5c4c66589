import type { Change, Config, RefreshResult } from './config.js'
import { ConfigError } from './errors.js'
import { type Reader, readerOf } from './reader.js'
import type { Resolved } from './resolve/resolved.js'
import { toEnv } from './resolve/to-env.js'
import { type Opening, openSession, type Session } from './session.js'
import { healthOf } from './status.js'

export type { Opening } from './session.js'

/** Configuration from its first generation on, as its user sees it. */
export function openConfig(opening: Opening): Config<unknown> {
  const session = openSession(opening)
  const { holder, refresher, board, on, close } = session
  const resolved = () => holder.current().resolved
  const reader = currentReader(resolved)
  const config = {
    get values() {
      return resolved().values
    },
    get version() {
      return holder.current().version
    },
    get status() {
      return board.read()
    },
    get: (path: string, ...otherwise: readonly unknown[]) => reader().get(path, ...otherwise),
    has: (path: string) => reader().has(path),
    flat: () => resolved().flat,
    explain: (path: string) => resolved().explain(path),
    refresh: ({ signal }: { readonly signal?: AbortSignal } = {}) => untilAborted(refresher.refresh({ cause: 'manual' }), signal),
    ...{ on, ...listening(session) },
    toEnv: (options: Parameters<Config<unknown>['toEnv']>[0]) => toEnv(resolved().flat, options),
    health: () => healthOf(board.read()),
    ...{ close, [Symbol.asyncDispose]: close },
  }
  // what a path leads to is the compiler's affair; here it is any value
  return config as Config<unknown>
}

function listening({ holder, watch }: Session) {
  return {
    watch: (path: string, listener: (now: unknown, was: unknown, change: Change<unknown>) => void) => watch(path, listener),
    live: (paths: string | readonly string[], make: (values: unknown) => unknown, dispose: (old: unknown) => unknown = () => {}) =>
      holder.live({ paths: typeof paths === 'string' ? [paths] : paths, make, dispose }),
  }
}

/** The reader of the values in use: what it found once is forgotten with them. */
function currentReader(resolved: () => Resolved): () => Reader {
  let of = resolved()
  let reader = readerOf(of)
  return () => {
    if (of !== resolved()) {
      of = resolved()
      reader = readerOf(of)
    }
    return reader
  }
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
