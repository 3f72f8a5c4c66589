import { isSameMeaning } from './remote/meaning.js'
import type { RemoteDocument } from './remote/remote.js'
import type { Snapshot } from './snapshot.js'

/** Keeps on disk what is in use. */
export interface Keeper {
  /** What is new takes the place of what was kept; what a server confirmed is good still. */
  readonly keep: (document: RemoteDocument | undefined) => void
  /** Resolves once what was given is on disk, or could not be written. */
  readonly done: () => Promise<void>
}

/** Without a snapshot nothing is kept. */
export function keeperOf(snapshot: Snapshot | undefined, onFailure: (error: Error) => void): Keeper {
  let kept: RemoteDocument | undefined
  let last: Promise<void> = Promise.resolve()
  return {
    keep: (document) => {
      if (snapshot === undefined || document === undefined) return
      const writing = kept && isSameMeaning(document, kept) ? snapshot.confirm() : snapshot.write(document)
      kept = document
      last = writing.catch(onFailure)
    },
    done: () => last,
  }
}
