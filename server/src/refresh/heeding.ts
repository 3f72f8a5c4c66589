import type { TransportState } from '@carillon/bus'
import type { Source } from '../sources/source.js'
import type { Looking } from './looking.js'

/** Whether this server knows what others said on the bus. */
export interface Hearing {
  readonly isCaughtUp: () => boolean
  /** Takes note of what the bus has become. */
  readonly become: (state: TransportState) => void
}

export interface HearingOptions {
  readonly look: () => Promise<void>
  /** The bus is there, and what is here is not older than what was said on it. */
  readonly onCaughtUp: () => void
}

/** What others told of while the bus was away was not heard: once it is back, a look at the remotes finds it. */
export function createHearing({ look, onCaughtUp }: HearingOptions): Hearing {
  let turn = 0
  let caughtUp = false
  const catchUp = async (mine: number): Promise<void> => {
    await look()
    if (mine !== turn) return
    caughtUp = true
    onCaughtUp()
  }
  return {
    isCaughtUp: () => caughtUp,
    become: (state) => {
      turn += 1
      caughtUp = false
      if (state === 'connected') void catchUp(turn)
    },
  }
}

/**
 * A source that says whether it has a commit only once this server has looked for what it overheard of it. A branch that was reset to an older commit is that
 * older commit: a server that still has the newer one would take itself for ahead, if others had not announced otherwise.
 */
export function heedingWord(source: Source, settled: Looking['settled']): Source {
  return {
    ...source,
    reach: async (request, commit) => {
      await settled(commit)
      return source.reach(request, commit)
    },
  }
}
