import { ServerError } from '../errors.js'
import type { ParsedFiles } from '../sources/parsed-files.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { type Audience, both, EVERYBODY, isEverybody, merged } from './audience.js'
import { type ChangedFile, changedFiles } from './changed-files.js'
import type { Concern } from './concern.js'
import { documentsOf } from './documents.js'
import { configExtension } from './file-names.js'
import { importersIn } from './imports.js'
import { type Meaning, meaningOf } from './meaning.js'
import { plainTextReaders, type ReadersOf } from './plain-text.js'
import { plainDirectReaders, type Readers, readersIn } from './readers.js'
import { type SearchScopes, searchScopes } from './search-scopes.js'
import { createSteeringFiles, type SteeringFile, type SteeringFiles } from './steering-files.js'

export interface ConcernOptions {
  readonly tree: Tree
  readonly from: Snapshot
  readonly to: Snapshot
  /** As in the settings, placeholders and wildcards included. */
  readonly searchPaths: readonly string[]
  /** The label whose snapshots these are; it takes the place of `{label}`. */
  readonly label: string
  readonly parsed: ParsedFiles
  readonly readersOf: ReadersOf
  /** Give the same one each time and a look costs what changed since the last; without it, all configuration files are read. */
  readonly steeringFiles?: SteeringFiles
}

/** The most configuration files that one look parses; above it everybody is told. */
const MAX_FILES = 2_000

/**
 * Whom the change between two snapshots of a repository concerns: one entry an application, `*` first; nobody is an empty list. A view follows from the
 * files that its request comes across, so it can only have changed where the request came across a changed file, or its absence, *before* the change:
 * imports, groups and includes are looked up in `from` alone. Everybody, where `from` cannot be read any more. Throws what the tree throws about `to`.
 * Not covered: a change that is only a comment by the file's name, but not by the format that an import's hint reads it in.
 */
export async function concernsOf(options: ConcernOptions): Promise<readonly Concern[]> {
  const past = watchPast(options)
  try {
    return merged(await audienceOf({ ...options, tree: past.tree }))
  } catch (error) {
    if (past.isLost()) return [EVERYBODY]
    throw error
  }
}

/** A file whose documents say something else than before. */
interface Reworded {
  readonly path: string
  readonly meaning: Exclude<Meaning, { readonly kind: 'same' }>
}

async function audienceOf(options: ConcernOptions): Promise<Audience> {
  const scopes = searchScopes(options.searchPaths, options.label)
  const files = await changedFiles(options.tree, options.from, options.to)
  const audience = files.flatMap(({ path }) => plainTextReaders(path, { scopes, readersOf: options.readersOf }))
  const configFiles = files.filter(({ path }) => configExtension(path) !== undefined)
  const otherFiles = files.filter(({ path }) => configExtension(path) === undefined)
  if (configFiles.length > MAX_FILES) return [EVERYBODY]
  const reworded = await rewordedAmong(configFiles, options)
  if (reworded.some((file) => concernsEverybody(file, scopes))) return [EVERYBODY]
  if (reworded.length === 0 && otherFiles.length === 0) return audience
  const { tree, from, parsed, steeringFiles = createSteeringFiles() } = options
  const steering = await steeringFiles.find({ tree, snapshot: from, parsed, maxReads: MAX_FILES })
  if (steering === undefined) return [EVERYBODY]
  const readers = readersIn({ scopes, steering, importers: await importersIn(steering) })
  for (const file of reworded) audience.push(...concernedBy(file, readers, steering))
  for (const { path } of otherFiles) audience.push(...readers.byHint(path))
  return audience
}

async function rewordedAmong(files: readonly ChangedFile[], { tree, from, to, parsed }: ConcernOptions): Promise<readonly Reworded[]> {
  const reworded: Reworded[] = []
  for (const { path, before, after } of files) {
    const reading = { tree, parsed, format: configExtension(path) ?? '' }
    const old = before === undefined ? [] : await documentsOf(path, { ...reading, snapshot: from })
    const now = after === undefined ? [] : await documentsOf(path, { ...reading, snapshot: to })
    const meaning = meaningOf(old, now)
    if (meaning.kind !== 'same') reworded.push({ path, meaning })
  }
  return reworded
}

/** Saves the look at all other files where this one's name says enough. */
function concernsEverybody({ path, meaning }: Reworded, scopes: SearchScopes): boolean {
  return meaning.kind === 'changed' && plainDirectReaders(scopes, path).some(isEverybody)
}

function concernedBy({ path, meaning }: Reworded, readers: Readers, steering: readonly SteeringFile[]): Audience {
  const all = readers.of(path)
  if (meaning.kind === 'changed') return all
  if (meaning.keys === 'changed' && steering.some((file) => file.steering.placeholders)) return all
  const accepting = meaning.profiles.flatMap((profile) => readers.accepting(profile))
  return [...readers.byHint(path), ...all.flatMap((reader) => accepting.map((asking) => both(reader, asking)))]
}

/** The same tree, which remembers whether the older snapshot could not be read. */
function watchPast({ tree, from }: ConcernOptions): { readonly tree: Tree; readonly isLost: () => boolean } {
  let lost = false
  const watch = async <Result>(snapshot: Snapshot, reading: Promise<Result>): Promise<Result> => {
    try {
      return await reading
    } catch (error) {
      const isGone = error instanceof ServerError && (error.code === 'snapshot-gone' || error.code === 'repository-failed')
      if (isGone && snapshot.id === from.id) lost = true
      throw error
    }
  }
  return {
    isLost: () => lost,
    tree: {
      ...tree,
      list: (snapshot, folder) => watch(snapshot, tree.list(snapshot, folder)),
      read: (snapshot, path) => watch(snapshot, tree.read(snapshot, path)),
    },
  }
}
