import type { Status } from './config.js'
import { ConfigError, type ConfigErrorCode } from './errors.js'
import type { Logger } from './options.js'
import type { Plan } from './plan.js'
import type { Remote, RemoteDocument } from './remote/remote.js'
import { askUntil } from './remote/retry.js'
import type { Snapshot } from './snapshot.js'

/** What a start begins with. */
export interface Start {
  readonly source: Status['source']
  readonly document: RemoteDocument | undefined
  /** What kept a server from answering. */
  readonly trouble: ConfigError | undefined
}

/** A server that refuses, or has no such configuration, is right: what it said before must not hide that. */
const REPLACEABLE: readonly ConfigErrorCode[] = ['unreachable', 'timeout', 'bad-response']

/** Asks until the time for the start runs out; then the last known good answer, then the defaults if nothing is required. Throws what kept a server from answering. */
export async function startFrom(plan: Plan, remote: Remote, saved: Snapshot | undefined): Promise<Start> {
  const { logger, clock, random, startupMs, retry, signal = new AbortController().signal } = plan
  try {
    const question = { signal }
    const document = await askUntil(remote, question, { startupMs, retry, clock, random })
    if (document.sources.length === 0 && plan.required) throw nothingThere(plan)
    return { source: 'server', document, trouble: undefined }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const document = REPLACEABLE.includes(error.code) ? await lastKnownGood(saved, logger) : undefined
    if (document !== undefined) {
      logger.warn(`Configuration: no server answered, starting with the last known good configuration. ${error.message}`)
      return { source: 'snapshot', document, trouble: error }
    }
    if (plan.required) throw error
    logger.warn(`Configuration: starting without a server, with defaults alone. ${error.message}`)
    return { source: 'defaults', document: undefined, trouble: error }
  }
}

/** One that cannot be used is as good as none, but not for whoever wonders why. */
async function lastKnownGood(saved: Snapshot | undefined, logger: Logger): Promise<RemoteDocument | undefined> {
  try {
    return await saved?.read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logger.error(`Configuration: ${error.message}`)
    return undefined
  }
}

function nothingThere({ names, profiles, labels }: Plan): ConfigError {
  const label = labels.length > 0 ? ` at '${labels.join("', '")}'` : ''
  const message = `The server has nothing for the application '${names.join(',')}' with the profiles '${profiles.join(',')}'${label}.`
  return new ConfigError('not-found', message, { hint: 'Check the name; or take `required: false`, if defaults will do.' })
}
