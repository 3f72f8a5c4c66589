import type { ObjectStore } from '../objects.js'
import { openBatch } from './batch.js'

export interface StorePlace {
  readonly gitdir: string
  readonly idLength: 40 | 64
}

/** The object database of a Git directory of any kind, read by a `git` beside this process. Starts nothing yet, and never writes. */
export function openStore({ gitdir, idLength }: StorePlace): ObjectStore {
  const contents = openBatch({ gitdir, content: 'whole' })
  const headers = openBatch({ gitdir, content: 'header' })
  return {
    idLength,
    load: async (id) => (await contents.ask(id)).object,
    async expand(digits) {
      // Git takes a name for a ref's before it takes it for an id's beginning.
      const { id, object } = await headers.ask(digits)
      return object !== undefined && id.startsWith(digits) ? id : undefined
    },
    forgetPacks() {
      contents.retire()
      headers.retire()
    },
    async close() {
      await Promise.all([contents.close(), headers.close()])
    },
  }
}
