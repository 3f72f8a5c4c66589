import type { ParsedFiles } from '../sources/parsed-files.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { type Audience, both, EVERYBODY, isEverybody } from './audience.js'
import { type ChangedFile, changedFiles } from './changed-files.js'
import { documentsOf } from './documents.js'
import { configExtension } from './file-names.js'
import { importersIn } from './imports.js'
import { type Meaning, meaningOf } from './meaning.js'
import { plainTextReaders, type ReadersOf } from './plain-text.js'
import { plainDirectReaders, type Readers, readersIn } from './readers.js'
import { type SearchScopes, searchScopes } from './search-scopes.js'
import type { SteeringFile, SteeringFiles } from './steering-files.js'

export interface Looking {
  readonly tree: Tree
  readonly from: Snapshot
  readonly to: Snapshot
  /** As in the settings, placeholders and wildcards included. */
  readonly searchPaths: readonly string[]
  /** The label whose snapshots these are; it takes the place of `{label}`. */
  readonly label: string
  readonly parsed: ParsedFiles
  readonly readersOf: ReadersOf
  readonly steeringFiles: SteeringFiles
}

/** The most configuration files that one look parses; above it everybody is told. */
export const MAX_READS = 2_000

const everybody: Told = { views: [EVERYBODY], files: [] }

/** A file whose documents say something else than before. */
interface Reworded {
  readonly path: string
  readonly meaning: Exclude<Meaning, { readonly kind: 'same' }>
}

/** Whom a change concerns by what views are made of, and by files that are read as they are. */
export interface Told {
  readonly views: Audience
  readonly files: Audience
}

/** What a file means that cannot be read after the change: its readers are told, or they stay where they are. */
export type Unreadable = 'told' | 'stay'

/**
 * Whom the change from one snapshot to another concerns, if it is made at once. A view follows from the files that its request comes across, so it can only have
 * changed where the request came across a changed file, or its absence, *before* the change: imports, groups and includes are looked up in `from` alone.
 */
export async function toldOf(looking: Looking, unreadable: Unreadable): Promise<Told> {
  const scopes = searchScopes(looking.searchPaths, looking.label)
  const files = await changedFiles(looking.tree, looking.from, looking.to)
  const served = files.flatMap(({ path }) => plainTextReaders(path, { scopes, readersOf: looking.readersOf }))
  const configFiles = files.filter(({ path }) => configExtension(path) !== undefined)
  const otherFiles = files.filter(({ path }) => configExtension(path) === undefined)
  if (configFiles.length > MAX_READS) return everybody
  const { reworded, stuck } = await rewordedAmong(configFiles, looking, unreadable)
  if (reworded.some((file) => concernsEverybody(file, scopes))) return everybody
  const byHint = [...otherFiles.map(({ path }) => path), ...stuck]
  if (reworded.length === 0 && byHint.length === 0) return { views: [], files: served }
  const { tree, from, parsed, steeringFiles } = looking
  const steering = await steeringFiles.find({ tree, snapshot: from, parsed, maxReads: MAX_READS })
  if (steering === undefined) return everybody
  const readers = readersIn({ scopes, steering, importers: await importersIn(steering) })
  const concerned = reworded.flatMap((file) => concernedBy(file, readers, steering))
  return { views: [...concerned, ...byHint.flatMap(readers.byHint)], files: served }
}

interface Sorted {
  readonly reworded: readonly Reworded[]
  /** The paths of files that keep their readers where they are. Who reads one in another format than its name says may read it well. */
  readonly stuck: readonly string[]
}

async function rewordedAmong(files: readonly ChangedFile[], { tree, from, to, parsed }: Looking, unreadable: Unreadable): Promise<Sorted> {
  const reworded: Reworded[] = []
  const stuck: string[] = []
  for (const { path, before, after } of files) {
    const reading = { tree, parsed, format: configExtension(path) ?? '' }
    const now = after === undefined ? [] : await documentsOf(path, { ...reading, snapshot: to })
    if (now === 'unreadable' && unreadable === 'stay') {
      stuck.push(path)
      continue
    }
    const old = before === undefined ? [] : await documentsOf(path, { ...reading, snapshot: from })
    const meaning = meaningOf(old, now)
    if (meaning.kind !== 'same') reworded.push({ path, meaning })
  }
  return { reworded, stuck }
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
