import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ServerError } from '../errors.js'
import type { ConfigRequest, Source } from '../sources/source.js'
import type { Reach } from '../trees/tree.js'

/** The header of a client that was told of a commit: its answer must have what that commit had. */
const AT_LEAST = 'x-carillon-at-least'
/** How long a replica that is behind may take to fetch before the client is asked to come back (ms). */
const PATIENCE = 5_000
/** Between two looks whether a commit has come while a fetch is running (ms): another repository may be what it waits for. */
const GLANCE = 50
/** As many as the headers of an event may name. */
const MAX_COMMITS = 64

/**
 * Makes sure that an answer is not older than what the client was told of: a replica that lacks a commit fetches it, or throws `lagging`. A commit of
 * another line (a force push came between) asks for nothing, and neither does one that the remote itself has gone back from. Several commits are separated
 * by commas. Throws `invalid-request` for what is no commit id.
 */
export async function requireAtLeast(source: Source, request: ConfigRequest, headers: IncomingHttpHeaders): Promise<void> {
  const asked = headers[AT_LEAST]?.toString()
  if (asked === undefined) return
  const commits = commitsOf(asked)
  const deadline = AbortSignal.timeout(PATIENCE)
  let missing = await missingOf(source, request, commits)
  // A look that was under way already may have seen the past: the one after it has not.
  for (let looks = 0; missing.length > 0 && looks < 2; looks++) {
    const fetched = await fetchUntil(source, async () => (await missingOf(source, request, commits)).length === 0, deadline)
    missing = await missingOf(source, request, commits)
    if (!fetched) break
    if (looks > 0) missing = missing.filter(({ reach }) => reach !== 'behind')
  }
  const [first] = missing
  if (first?.reach instanceof ServerError) throw first.reach
  if (first !== undefined) throw new ServerError('lagging', `The commit ${first.commit} has not arrived at this server yet: ask again.`)
}

function commitsOf(header: string): readonly string[] {
  const commits = header.split(',').map((commit) => commit.trim())
  if (commits.length <= MAX_COMMITS && commits.every((commit) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit))) return commits
  throw new ServerError('invalid-request', "'X-Carillon-At-Least' is not a commit: expected its full id in lower case.")
}

interface Missing {
  readonly commit: string
  /** Or why there is nothing that could have the commit: the label may be as new as the commit is. */
  readonly reach: Reach | ServerError
}

async function missingOf(source: Source, request: ConfigRequest, commits: readonly string[]): Promise<readonly Missing[]> {
  const found = await Promise.all(commits.map(async (commit) => ({ commit, reach: await source.reach(request, commit).catch(noLabel) })))
  return found.filter(({ reach }) => reach !== 'reached' && reach !== 'apart')
}

function noLabel(error: unknown): ServerError {
  if (error instanceof ServerError && error.code === 'no-such-label') return error
  throw error
}

/** Whether the remotes could be asked; ends before that when there is enough, or no time left. */
async function fetchUntil(source: Source, isEnough: () => Promise<boolean>, deadline: AbortSignal): Promise<boolean> {
  const state: { outcome: 'running' | 'fetched' | 'failed' } = { outcome: 'running' }
  const fetching = source.fetch(deadline).then(
    () => {
      state.outcome = 'fetched'
    },
    () => {
      state.outcome = 'failed'
    },
  )
  while (state.outcome === 'running' && !deadline.aborted && !(await isEnough())) await Promise.race([fetching, pause(GLANCE)])
  return state.outcome === 'fetched'
}
