import { ServerError, type ServerErrorCode } from '../errors.js'
import type { Snapshot, Tree } from '../trees/tree.js'

const CODES: ReadonlySet<ServerErrorCode> = new Set(['unreadable-file', 'illegal-property', 'too-large', 'circular-placeholder'])

/** Whether an error says something of the content of a snapshot, which will not change: it can be remembered like a result. */
export function isContentError(error: unknown): error is ServerError {
  return error instanceof ServerError && CODES.has(error.code)
}

/** What goes wrong with the content of a snapshot says which commit that is, whose and of when: who mends it at night wants to know. */
export async function namingCommit<Result>({ tree, snapshot }: Readable, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw isContentError(error) && error.place.commit === undefined ? await withCommit(error, { tree, snapshot }) : error
  }
}

interface Readable {
  readonly tree: Pick<Tree, 'authored'>
  readonly snapshot: Snapshot
}

const SHORT = 10

/** The commit is the one that is served: the file may be as wrong as this for longer. */
async function withCommit(error: ServerError, { tree, snapshot }: Readable): Promise<ServerError> {
  const authored = await tree.authored(snapshot).catch(() => undefined)
  if (authored === undefined) return error
  const message = `${error.message} (as of commit ${snapshot.id.slice(0, SHORT)} by ${authored.author}, ${authored.authored})`
  return new ServerError(error.code, message, { ...error.place, commit: snapshot.id, ...authored, cause: error })
}
