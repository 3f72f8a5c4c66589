import type { Change, ConfigEvents, RefreshResult, Version } from './config.js'
import { ConfigError } from './errors.js'
import type { Generation } from './generation.js'
import { type Listeners, listeners } from './listeners.js'
import type { Logger } from './options.js'
import { type Watchers, watchers } from './watchers.js'

/** Who is told what: listeners, watchers and the log. */
export interface Telling {
  readonly on: Listeners<ConfigEvents<unknown>>['on']
  readonly watch: Watchers['add']
  readonly changed: (change: Change<unknown>, was: Generation, now: Generation) => void
  readonly rejected: (rejection: ConfigEvents<unknown>['rejected'], error: ConfigError) => void
  readonly result: (result: RefreshResult) => void
  readonly status: (status: ConfigEvents<unknown>['status']) => void
  /** Something of the application's failed, or something beside the values. */
  readonly failure: (what: string, cause: unknown) => void
  readonly trouble: (error: Error) => void
}

/** Nobody who is told can disturb anybody. A server that is away for a night is one line in the log, and one when it is back. */
export function telling(logger: Logger): Telling {
  const events = listeners<ConfigEvents<unknown>>((event, cause) => failure(`A listener of '${String(event)}'`, cause))
  const watching = watchers((path, cause) => failure(`A watcher of '${path}'`, cause))
  let away: string | undefined

  const failure = (what: string, cause: unknown) => {
    logger.error(`Configuration: ${what} failed.`, cause)
    const error = cause instanceof ConfigError ? cause : new ConfigError('invalid', `${what} failed.`, { cause })
    // a listener of errors that fails would hear of itself
    if (what !== "A listener of 'error'") events.emit('error', error)
  }
  const trouble = (error: Error) => logger.warn(`Configuration: ${error.message}`)
  const failed = (error: ConfigError) => {
    if (error.code === 'closed') return
    if (away !== error.message) trouble(error)
    away = error.message
    events.emit('error', error)
  }
  return {
    on: events.on,
    watch: watching.add,
    changed: (change, was, now) => {
      for (const warning of now.resolved.warnings) logger.warn(`Configuration: ${warning}`)
      watching.tell(change, was.resolved, now.resolved)
      events.emit('change', change)
      logger.info(`Configuration: ${change.changes.size} keys changed, ${nameOf(change.to)} is in use`)
    },
    rejected: (rejection, error) => {
      logger.error(`Configuration: ${nameOf(rejection.version)} is refused, what was before stays in use. ${error.message}`)
      events.emit('rejected', rejection)
    },
    result: (result) => {
      if (result.status === 'failed') return failed(result.error)
      if (away !== undefined) logger.info('Configuration: a server answers again')
      away = undefined
    },
    status: (status) => events.emit('status', status),
    failure,
    trouble,
  }
}

function nameOf({ commit, digest }: Version): string {
  return commit.slice(0, 10) || digest.slice(0, 10) || 'nothing'
}
