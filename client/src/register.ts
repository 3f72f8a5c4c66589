/**
 * `node --import @carillon/client/register app.js`: fills `process.env` before the application starts, a CommonJS one too. The only file with a top-level await:
 * Node waits for it, and nobody can `require()` it.
 */
import { isMainThread } from 'node:worker_threads'
import { ConfigError, type ConfigErrorCode } from './errors.js'
import { fillingFor } from './register/fill.js'
import { giveUp, setVariables, surroundings } from './surroundings.js'

/** What no other server would change. */
const OURS: readonly ConfigErrorCode[] = ['bad-options', 'undecipherable', 'placeholder']

// A worker has the variables of the thread that started it.
if (isMainThread) {
  try {
    const { env, logger } = surroundings()
    const { given, note } = await fillingFor(env)
    setVariables(given)
    logger.warn(`carillon: ${note}`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const anyway = OURS.includes(error.code) ? '' : '; with CARILLON_REQUIRED=false it would be, without a server'
    giveUp(`carillon: ${error.message}\n  The application is not started${anyway}.`)
  }
}
