import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ServerError } from '../errors.js'
import type { ConfigRequest, Pin, Source } from '../sources/source.js'
import type { Reach } from '../trees/tree.js'

/** The header of a client that was told of a commit: its answer must have what that commit had. */
export const AT_LEAST = 'x-carillon-at-least'
/** How long a replica that is behind may take to fetch before the client is asked to come back (ms). */
const PATIENCE = 5_000
/** Between two looks whether a commit has come while a fetch is running (ms): another repository may be what it waits for. */
const GLANCE = 50
/** As many as the headers of an event may name. */
const MAX_COMMITS = 64
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/

/**
 * Makes sure that an answer is not older than what the client was told of: a server that lacks a commit fetches it, or throws `lagging`. Where the remote
 * itself has gone back from a commit or on without it (a force push), what the remote has is served: one look decides, because before it nobody can say
 * which of two lines is the newer one. Several commits are separated by commas. Throws `invalid-request` for what is no commit id.
 */
export async function requireAtLeast(source: Source, request: ConfigRequest, headers: IncomingHttpHeaders): Promise<void> {
  const asked = headers[AT_LEAST]?.toString()
  if (asked === undefined) return
  const commits = commitsOf(asked)
  const missing = (): Promise<readonly Missing[]> => missingOf(source, request, commits)
  const deadline = AbortSignal.timeout(PATIENCE)
  // A look that was under way already may have seen the past: the one after it has not.
  let looks = 0
  while (looks < 2 && (await missing()).length > 0 && (await fetchUntil(source, missing, deadline))) looks++
  const accepted: readonly unknown[] = looks === 2 ? ['behind', 'far', 'apart'] : ['apart']
  const first = (await missing()).find(({ reach }) => !accepted.includes(reach))
  if (first?.reach instanceof ServerError) throw first.reach
  if (first !== undefined) throw new ServerError('lagging', `The commit ${first.commit} has not arrived at this server yet: ask again.`)
}

/** Whether an answer that holds is made from each of the commits themselves: then nobody needs to be asked how they stand to it. */
export function isMadeFrom(pins: readonly Pin[], header: string): boolean {
  return findCommits(header)?.every((commit) => pins.some(({ snapshot }) => snapshot.id === commit)) === true
}

function findCommits(header: string): readonly string[] | undefined {
  const commits = header.split(',').map((commit) => commit.trim())
  return commits.length <= MAX_COMMITS && commits.every((commit) => COMMIT.test(commit)) ? commits : undefined
}

function commitsOf(header: string): readonly string[] {
  const commits = findCommits(header)
  if (commits !== undefined) return commits
  throw new ServerError('invalid-request', "'X-Carillon-At-Least' is not a commit: expected its full id in lower case.")
}

interface Missing {
  readonly commit: string
  /** Or why there is nothing that could have the commit: the label may be as new as the commit is. */
  readonly reach: Reach | ServerError
}

async function missingOf(source: Source, request: ConfigRequest, commits: readonly string[]): Promise<readonly Missing[]> {
  const found = await Promise.all(commits.map(async (commit) => ({ commit, reach: await source.reach(request, commit).catch(noLabel) })))
  return found.filter(({ reach }) => reach !== 'reached')
}

function noLabel(error: unknown): ServerError {
  if (error instanceof ServerError && error.code === 'no-such-label') return error
  throw error
}

/** Whether the remotes could be asked; ends before that when nothing is missing any more, or no time is left. */
async function fetchUntil(source: Source, missing: () => Promise<readonly Missing[]>, deadline: AbortSignal): Promise<boolean> {
  const state: { outcome: 'running' | 'fetched' | 'failed' } = { outcome: 'running' }
  const fetching = source.fetch(deadline).then(
    () => {
      state.outcome = 'fetched'
    },
    () => {
      state.outcome = 'failed'
    },
  )
  while (state.outcome === 'running' && !deadline.aborted && (await missing()).length > 0) await Promise.race([fetching, pause(GLANCE)])
  return state.outcome === 'fetched'
}
