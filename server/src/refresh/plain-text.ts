import { type Audience, gather } from './audience.js'
import type { Concern } from './concern.js'
import { dashes, seenFrom } from './file-names.js'
import type { SearchScopes } from './search-scopes.js'

/** The applications that were served a plain-text file, by the path that they asked for (what stands behind the label); each name of a list for itself. */
export type ReadersOf = (path: string) => readonly string[]

/**
 * Whom a change of a plain-text file concerns: those who were served it, or who were served the file that it would come before. Seen from each
 * folder that is searched, `nginx-prod.conf` answers requests for itself and, with the profile `prod`, requests for `nginx.conf`.
 */
export function plainTextReaders(
  path: string,
  { scopes, readersOf }: { readonly scopes: SearchScopes; readonly readersOf: ReadersOf },
): Audience {
  const readers = seenFrom(path).flatMap(({ folder, rest }) => {
    const searching = scopes(folder)
    return searching.length === 0 ? [] : askedPaths(rest).flatMap((asked) => readersAmong(searching, asked, readersOf))
  })
  return gather(readers).all()
}

interface AskedPath {
  readonly path: string
  /** Set where the file answers for this profile only. */
  readonly profile?: string
}

function readersAmong(searching: Audience, { path, profile }: AskedPath, readersOf: ReadersOf): Audience {
  return readersOf(path).flatMap((application) =>
    searching
      .filter((scope) => includes(scope, application))
      .map(({ profiles }) => ({ application, profiles: profiles === '*' && profile !== undefined ? [profile] : profiles })),
  )
}

function includes(scope: Concern, application: string): boolean {
  return scope.application === '*' || application.split(',').includes(scope.application)
}

function askedPaths(path: string): readonly AskedPath[] {
  const dot = path.lastIndexOf('.')
  const end = dot > path.lastIndexOf('/') ? dot : path.length
  const variants = dashes(path.slice(0, end)).map((dash) => ({
    path: path.slice(0, dash) + path.slice(end),
    profile: path.slice(dash + 1, end),
  }))
  return [{ path }, ...variants]
}
