import { type Audience, both, EVERYBODY, gather } from './audience.js'
import type { Concern } from './concern.js'
import { type NameReading, nameReadings, seenFrom } from './file-names.js'
import { flowInto, type Inflow } from './flow.js'
import type { Importers } from './imports.js'
import { remember } from './remember.js'
import type { SearchScopes } from './search-scopes.js'
import { isUnknown } from './steering.js'
import type { SteeringFile } from './steering-files.js'

/** Who reads what in one snapshot; each answer may name too many, never too few. */
export interface Readers {
  /** Who reads a file's documents: by its name in the folders that they search, by imports, by imports of imports. */
  readonly of: (path: string) => Audience
  /** Those of `of` who reach the file by way of a hint: they read it whatever its name says. */
  readonly byHint: (path: string) => Audience
  /** Who may come to accept a profile: by asking for it, or by a group or an include in a file that they read. */
  readonly accepting: (profile: string) => Audience
}

export interface ReadersOptions {
  readonly scopes: SearchScopes
  readonly importers: Importers
  readonly steering: readonly SteeringFile[]
}

export function readersIn({ scopes, importers, steering }: ReadersOptions): Readers {
  const plain = remember((path) => plainReaders({ scopes, importers }, path))
  const leading = steering.filter(({ steering: { includes, groups } }) => includes.length > 0 || groups.size > 0)
  const accepting = remember((profile) => acceptingOf({ leading, plain }, profile))
  const inflowsOf = (path: string): readonly (Inflow & { readonly format: string })[] =>
    importers(path).map(({ importer, reading, format }) => ({
      from: importer,
      format,
      pass: (concern) => (reading === undefined ? [concern] : narrowed(concern, reading, accepting)),
    }))
  const of = remember((path) => flowInto(path, { own: (node) => direct(scopes, node, accepting), inflows: inflowsOf }))
  return {
    of,
    byHint: (path) => inflowsOf(path).flatMap(({ from, format, pass }) => (format === 'by-hint' ? of(from).flatMap(pass) : [])),
    accepting,
  }
}

/** Those who read a file in any case, without regard to profiles, by its name alone. */
export function plainDirectReaders(scopes: SearchScopes, path: string): Audience {
  return direct(scopes, path, () => [])
}

type Accepting = (profile: string) => Audience

/** Who finds a file by its name in a folder that they search. */
function direct(scopes: SearchScopes, path: string, accepting: Accepting): Audience {
  const readers = seenFrom(path).flatMap(({ folder, rest }) => {
    const searching = scopes(folder)
    return searching.length === 0
      ? []
      : nameReadings(rest).flatMap((reading) => searching.flatMap((scope) => narrowed(scope, reading, accepting)))
  })
  return gather(readers).all()
}

/** Those of an audience who find a file by one reading of its name: they ask for its application and come to accept its profile. */
function narrowed(wide: Concern, { application, profile }: NameReading, accepting: Accepting): Audience {
  const named = application === 'application' ? wide : { ...wide, application }
  return profile === undefined ? [named] : accepting(profile).map((asking) => both(named, asking))
}

/** Who reads a file before the profiles are known: only then do files include and group profiles. */
function plainReaders({ scopes, importers }: Pick<ReadersOptions, 'scopes' | 'importers'>, path: string): Audience {
  return flowInto(path, {
    own: (node) => plainDirectReaders(scopes, node),
    inflows: (node) =>
      importers(node)
        .filter(({ reading }) => reading?.profile === undefined)
        .map(({ importer, reading }) => ({
          from: importer,
          pass: (concern) => (reading === undefined ? [concern] : narrowed(concern, reading, () => [])),
        })),
  })
}

interface Leading {
  readonly leading: readonly SteeringFile[]
  readonly plain: (path: string) => Audience
}

function acceptingOf({ leading, plain }: Leading, profile: string): Audience {
  return flowInto(profile, {
    own: (name) => [
      { ...EVERYBODY, profiles: [name] },
      ...leading.filter((file) => mayInclude(file, name)).flatMap(({ path }) => plain(path)),
    ],
    inflows: (name) =>
      leading.flatMap(({ path, steering }) =>
        groupsWith(steering.groups, name).map((group) => ({
          from: group,
          pass: (asking) => plain(path).map((reader) => both(reader, asking)),
        })),
      ),
  })
}

/** Members that hang on a placeholder may be anyone, and may come with any group. */
function mayInclude({ steering: { includes, groups } }: SteeringFile, profile: string): boolean {
  return includes.includes(profile) || [includes, ...groups.values()].some((profiles) => profiles.some(isUnknown))
}

function groupsWith(groups: ReadonlyMap<string, readonly string[]>, profile: string): readonly string[] {
  return [...groups].filter(([, members]) => members.includes(profile)).map(([group]) => group)
}
