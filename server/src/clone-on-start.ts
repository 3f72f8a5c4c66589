import { ServerError } from './errors.js'
import type { Log } from './log.js'
import { type OpenRepository, repositoriesIn } from './repositories.js'
import type { Settings } from './settings/settings.js'

/**
 * Waits for the first clones that the settings ask for at start. A remote that refuses stops the start: throws `repository-refused`. One that is away does not:
 * it is asked again in the background, and whoever waits for this server sees that it is not ready.
 */
export async function cloneOnStart(backends: Settings['backends'], repositories: readonly OpenRepository[], log: Log): Promise<void> {
  const wanted = repositoriesIn(backends).find(({ cloneOnStart: isWanted }) => isWanted)
  if (wanted === undefined) return
  const patience = wanted.timeout * 60_000
  await Promise.all(repositories.map((repository) => fetchFirst(repository, AbortSignal.timeout(patience), log)))
}

async function fetchFirst({ uri, tree }: OpenRepository, signal: AbortSignal, log: Log): Promise<void> {
  try {
    await tree.fetch(signal)
  } catch (error) {
    // The clone of an earlier start is served.
    if (tree.status().state === 'ready') return
    if (error instanceof ServerError && error.code !== 'no-such-repository') throw error
    log.warn({ repository: uri }, `The server starts without ${uri}, which is tried again until it can be cloned`)
  }
}
