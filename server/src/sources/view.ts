import type { PropertySource } from '@carillon/environment'
import { ServerError } from '../errors.js'
import type { ContributedDocument } from '../resolution/contributors.js'
import { lookUp } from '../resolution/lookup.js'
import type { Location } from '../resolution/references.js'
import type { TreeFile } from '../trees/tree.js'
import type { ParsedFiles } from './parsed-files.js'
import type { ConfigRequest, FoundFile, Pin } from './source.js'

/** One request's window on immutable files: where to search, how to read, what to call what is found. */
export interface View {
  /** Folders, weakest first; a path is `''` or ends with `/`. */
  readonly locations: readonly Location[]
  /** Those of the paths that are files. */
  readonly present: (paths: readonly string[]) => Promise<ReadonlySet<string>>
  readonly read: (path: string) => Promise<TreeFile | undefined>
  readonly folders: (folder: string) => Promise<readonly string[]>
  /** The name of the property source of a document, as Spring's clients expect it. */
  readonly nameOf: (document: ContributedDocument) => string
  readonly pins: readonly Pin[]
}

/** The property sources that apply to a request, strongest first. */
export async function findInView(view: View, request: ConfigRequest, parsed: ParsedFiles): Promise<readonly PropertySource[]> {
  const read = async (path: string, format: string) => {
    const file = await view.read(path)
    return file === undefined ? undefined : parsed.parse(path, file, format)
  }
  const documents = await lookUp({ present: view.present, read, folders: view.folders }, { ...request, locations: view.locations })
  return documents.map((document) => ({ name: view.nameOf(document), properties: document.properties }))
}

/**
 * A plain-text file: in each location, weakest first, the variants of the profiles in the order of the request, then the plain name
 * (`default` is the plain name). `reverse` looks at the strongest location first. (Spring: GenericResourceRepository.)
 */
export async function findFileInView(
  view: View,
  { profiles, path, order }: { readonly profiles: readonly string[]; readonly path: string; readonly order: 'listed' | 'reversed' },
): Promise<FoundFile | undefined> {
  const names = variantsOf(path, profiles)
  const locations = order === 'listed' ? view.locations : view.locations.toReversed()
  const paths = locations.flatMap((location) => names.map((name) => `${location.path}${name}`))
  const present = await view.present(paths)
  const found = paths.find((candidate) => present.has(candidate))
  const file = found === undefined ? undefined : await view.read(found)
  return found === undefined || file === undefined ? undefined : { path: found, file, pins: view.pins }
}

/** Runs against a snapshot again where it vanished while it was read, a few times. */
export async function withFreshSnapshot<Result>(attempt: () => Promise<Result>, attempts = 5): Promise<Result> {
  try {
    return await attempt()
  } catch (error) {
    if (attempts <= 1 || !(error instanceof ServerError) || error.code !== 'snapshot-gone') throw error
    return withFreshSnapshot(attempt, attempts - 1)
  }
}

function variantsOf(path: string, profiles: readonly string[]): readonly string[] {
  const slash = path.lastIndexOf('/')
  const dot = path.lastIndexOf('.')
  const [stem, ending] = dot > slash ? [path.slice(0, dot), path.slice(dot)] : [path, '']
  const names = new Set<string>()
  for (const profile of profiles) names.add(profile.trim() === '' || profile === 'default' ? path : `${stem}-${profile}${ending}`)
  names.add(path)
  return [...names]
}

/** The phrase that Spring gives as a name to one document of a file with several. */
export function documentName(
  { index }: ContributedDocument,
  { file, location }: { readonly file: string; readonly location: string },
): string {
  return `Config resource 'file [${file}]' via location '${location}' (document #${index})`
}
