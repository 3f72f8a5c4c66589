import { setTimeout as pause } from 'node:timers/promises'
import type { Trace } from '@carillon/bus'
import type { Overheard } from './ring.js'
import type { Watched } from './watch-list.js'
import { isSameRepository } from './webhooks/repositories.js'
import type { Hint } from './webhooks/result.js'

/** Looks at remotes because somebody said that there may be something new. */
export interface Looking {
  /** Looks at the repository that a hint is about, or at all where none is; a command to announce is followed afterwards. Never waits. */
  readonly follow: (hint: Hint) => void
  /** Another server or instance told of a commit: whoever lacks it here fetches it. Never waits. */
  readonly overhear: (event: Overheard) => void
  /**
   * Resolves once the looks are through that somebody's word of this commit began, or have taken long; `undefined` where there are none. A server that cannot
   * hear the others looks for itself. Never rejects.
   */
  readonly settled: (commit: string) => Promise<void> | undefined
  /** Looks at all remotes; resolves when that is done, has failed or has taken long. */
  readonly look: () => Promise<void>
  /** Tells those again whom nobody could be told of while the bus was away. */
  readonly catchUp: () => void
  /** The trace of the request for whose sake a tree is being looked at in this moment. */
  readonly causeOf: (name: string) => Trace | undefined
  /** Breaks off what is under way. */
  readonly close: () => Promise<void>
}

export interface LookingOptions {
  readonly watched: () => readonly Watched[]
  /** Tells the instances that a name means; rejects while nobody can be told. */
  readonly tell: (name: string, trace: Trace | undefined) => Promise<void>
  /** Whether others may have told of commits without being heard. */
  readonly isDeaf: () => boolean
  readonly onTrouble: (message: string, error: unknown) => void
}

/** How long one look may take (ms). */
const LOOK = 60_000
/** How long readers wait for a look that somebody's word began (ms). */
const HEED = 5_000
/** More names than these wait for nobody: everybody is told instead. */
const MAX_WAITING = 1_000

export function createLooking({ watched, tell, isDeaf, onTrouble }: LookingOptions): Looking {
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const waiting = new Map<string, Trace | undefined>()
  const causes = new Map<string, Trace>()
  const words = new Map<string, Promise<void>>()

  const run = (work: Promise<void>): void => {
    const done = work.finally(() => running.delete(done))
    running.add(done)
  }
  const patiently = (looked: Promise<void>): Promise<void> =>
    Promise.race([looked, pause(HEED, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)])
  /** The look for the last word began last, and sees what the others see. */
  const remember = (commits: readonly string[], looked: Promise<void>): void => {
    const settled = patiently(looked).then(() => {
      for (const commit of commits) if (words.get(commit) === settled) words.delete(commit)
    })
    for (const commit of commits) words.set(commit, settled)
  }
  const fetchAll = async (repositories: readonly Watched[], trace: Trace | undefined): Promise<void> => {
    await Promise.all(
      repositories.map(async ({ name, tree, uri }) => {
        const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(LOOK)])
        if (trace !== undefined) causes.set(name, trace)
        await tree.fetch(signal).catch((error: unknown) => {
          if (!stop.signal.aborted) onTrouble(`A look at ${uri} failed`, error)
        })
        if (causes.get(name) === trace) causes.delete(name)
      }),
    )
  }
  const tellEach = async (names: Iterable<readonly [string, Trace | undefined]>): Promise<void> => {
    for (const [name, trace] of names) {
      if (stop.signal.aborted) return
      await tell(name, trace).catch((error: unknown) => {
        onTrouble(`'${name}' could not be told; it will be when the bus is back`, error)
        waiting.set(waiting.size < MAX_WAITING ? name : '*', trace)
      })
    }
  }
  const look = (): Promise<void> => {
    const looked = fetchAll(watched(), undefined)
    run(looked)
    return patiently(looked)
  }
  return {
    look,
    follow: ({ kind, names, repository, trace }) => {
      const work = async (): Promise<void> => {
        await fetchAll(meantBy(repository, watched()), trace)
        // A file such as `.gitignore` has no name in front of its dot: nobody is meant.
        if (kind === 'announce') await tellEach(names.filter((name) => name !== '').map((name) => [name, trace]))
      }
      run(work())
    },
    overhear: (event) => {
      const looked = lacking(event, watched()).then((repositories) => fetchAll(repositories, event.trace))
      remember(event.commits, looked)
      run(looked)
    },
    settled: (commit) => words.get(commit) ?? (isDeaf() ? look() : undefined),
    causeOf: (name) => causes.get(name),
    catchUp: () => {
      const names = [...waiting]
      waiting.clear()
      run(tellEach(names))
    },
    close: async () => {
      stop.abort(new Error('the server is closing'))
      await Promise.all(running)
    },
  }
}

function meantBy(repository: string | undefined, watched: readonly Watched[]): readonly Watched[] {
  const meant = watched.filter(({ uri }) => repository !== undefined && isSameRepository(uri, repository))
  return meant.length > 0 ? meant : watched
}

/**
 * Who is to be asked for commits that others tell of. A commit that is known here but is not what the label is may be older or newer than that: after a
 * force push nobody can say. One that nobody knows may come from any repository.
 */
async function lacking({ label, commits }: Overheard, watched: readonly Watched[]): Promise<readonly Watched[]> {
  const news = commits.filter((commit) => watched.every(({ tree }) => tree.current(label) !== commit))
  const lacking = new Set<Watched>()
  for (const commit of news) {
    const known = await Promise.all(watched.map(({ tree }) => knows(tree, commit)))
    const knowing = watched.filter((_, index) => known[index])
    for (const repository of knowing.length > 0 ? knowing : watched) lacking.add(repository)
  }
  return [...lacking]
}

async function knows(tree: Watched['tree'], commit: string): Promise<boolean> {
  return tree.list({ id: commit }, '').then(
    () => true,
    () => false,
  )
}
