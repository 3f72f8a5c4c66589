import type { IncomingHttpHeaders } from 'node:http'
import { ServerError } from '../errors.js'
import type { ConfigRequest, Source } from '../sources/source.js'

/** The header of a client that was told of a commit: its answer must have what that commit had. */
const AT_LEAST = 'x-carillon-at-least'
/** How long a replica that is behind may take to fetch before the client is asked to come back (ms). */
const PATIENCE = 5_000

/**
 * Makes sure that an answer is not older than what the client was told of: a replica that lacks the commit fetches it, or throws `lagging`. A commit of
 * another line (a force push came between) asks for nothing. Throws `invalid-request` for what is no commit id.
 */
export async function requireAtLeast(source: Source, request: ConfigRequest, headers: IncomingHttpHeaders): Promise<void> {
  const commit = headers[AT_LEAST]?.toString()
  if (commit === undefined) return
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    throw new ServerError('invalid-request', "'X-Carillon-At-Least' is not a commit: expected its full id in lower case.")
  if (await hasReached(source, request, commit)) return
  await source.fetch(AbortSignal.timeout(PATIENCE)).catch(() => undefined)
  if (await hasReached(source, request, commit)) return
  throw new ServerError('lagging', `The commit ${commit} has not arrived at this server yet: ask again.`)
}

async function hasReached(source: Source, request: ConfigRequest, commit: string): Promise<boolean> {
  const reach = await source.reach(request, commit)
  return reach === 'reached' || reach === 'apart'
}
