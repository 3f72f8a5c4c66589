import type { PropertySource } from '@carillon/environment'
import type { ContributedDocument } from '../resolution/contributors.js'
import { cleanPath } from '../resolution/paths.js'
import type { RepositorySettings } from '../settings/settings.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { namingCommit } from './content-errors.js'
import type { SourceContext } from './context.js'
import { noSuchLabel } from './no-such-label.js'
import { expandVariables, matchFolders } from './search-paths.js'
import { bestReach, type ConfigRequest, type Found, type FoundFile, neverCurrent, type Pin, type Source } from './source.js'
import type { TakeUps } from './take-ups.js'
import { documentName, findFileInView, findInView, type View } from './view.js'

export interface GitSourceOptions {
  readonly settings: RepositorySettings
  /** The repository's address without placeholders and credentials: the names of property sources begin with it. */
  readonly uri: string
  readonly tree: Tree
  readonly context: SourceContext
  readonly takeUps: TakeUps
  /** When a missing label `main` is looked for as `master`: always, or only where `main` is the default label. */
  readonly master: 'always' | 'by-default'
}

/** One Git repository: its tree and the folders that are searched in it. */
export function createGitSource(options: GitSourceOptions): Source {
  const { tree } = options
  return {
    find: (request) => find(options, request),
    findFile: (request, path) => findFile(options, request, path),
    reach: async (request, commit) => {
      const work = async (label: string) => tree.reach((await resolveLabel(options, label)).snapshot, commit)
      return bestReach((await eachLabel(options, request.label, work)).parts)
    },
    fetch: (signal) => tree.fetch(signal),
    close: () => tree.close(),
  }
}

/** A label with what it is at this moment. */
interface Resolved {
  readonly label: string
  readonly snapshot: Snapshot
  readonly pin: Pin
}

async function find(options: GitSourceOptions, request: ConfigRequest): Promise<Found> {
  const { parts, isWhole } = await eachLabel(options, request.label, async (label) => {
    const resolved = await resolveLabel(options, label)
    return { resolved, found: await propertySources(options, request, resolved) }
  })
  return {
    // The last label of a list is the strongest, the versions stay in the order of the request.
    propertySources: parts.toReversed().flatMap(({ found }) => found),
    version: parts.map(({ resolved }) => resolved.snapshot.id).join(','),
    state: '',
    pins: [...parts.map(({ resolved }) => resolved.pin), ...(isWhole ? [] : [neverCurrent])],
  }
}

async function propertySources(options: GitSourceOptions, request: ConfigRequest, resolved: Resolved): Promise<readonly PropertySource[]> {
  const { context, uri, settings, tree } = options
  const key = JSON.stringify([uri, settings.searchPaths, resolved.snapshot.id, resolved.label, request.applications, request.profiles])
  return context.environments.get(key, () =>
    namingCommit({ tree, ...resolved }, async () => findInView(await viewOf(options, request, resolved), request, context.parsed)),
  )
}

async function findFile(options: GitSourceOptions, request: ConfigRequest, path: string): Promise<FoundFile | undefined> {
  const resolved = await resolveLabel(options, request.label ?? options.settings.defaultLabel)
  const view = await viewOf(options, request, resolved)
  const found = await findFileInView(view, { profiles: request.profiles, path, order: options.context.locationOrder })
  if (found === undefined) return undefined
  return { ...found, file: { ...found.file, modified: options.takeUps.since(resolved.label, resolved.snapshot.id) } }
}

/** Does something for each label of a list. One that fails is an error, unless the settings let a list go on without it. */
async function eachLabel<Part>(
  options: GitSourceOptions,
  text: string | undefined,
  work: (label: string) => Promise<Part>,
): Promise<{ readonly parts: readonly Part[]; readonly isWhole: boolean }> {
  const asked = text ?? options.settings.defaultLabel
  const listed = asked.split(',').filter((label) => label.trim() !== '')
  const labels = listed.length === 0 ? [asked] : listed
  const parts: Part[] = []
  let failure: unknown
  for (const label of labels) {
    try {
      parts.push(await work(label))
    } catch (error) {
      failure ??= error
      if (labels.length === 1 || !options.settings.continueOnMultipleLabelFailure) throw error
    }
  }
  if (parts.length === 0) throw failure
  return { parts, isWhole: parts.length === labels.length }
}

async function resolveLabel(options: GitSourceOptions, label: string): Promise<Resolved> {
  const names = candidates(options, label)
  for (const [index, name] of names.entries()) {
    const snapshot = await options.tree.snapshot(name)
    if (snapshot === undefined) continue
    const before = names.slice(0, index)
    const isCurrent = (): boolean =>
      options.tree.current(name) === snapshot.id && before.every((absent) => options.tree.current(absent) === undefined)
    return { label, snapshot, pin: { snapshot, isCurrent } }
  }
  throw await noSuchLabel(options, label)
}

function candidates({ settings, master }: GitSourceOptions, label: string): readonly string[] {
  const tryMaster = label === 'main' && settings.tryMasterBranch && (master === 'always' || settings.defaultLabel === 'main')
  return tryMaster ? [label, 'master'] : [label]
}

async function viewOf(options: GitSourceOptions, request: ConfigRequest, { label, snapshot, pin }: Resolved): Promise<View> {
  const { settings, tree } = options
  const paths = expandVariables(settings.searchPaths, { ...request, label })
  const folders = await matchFolders(tree, snapshot, paths)
  return {
    locations: folders.map((folder) => ({ text: folder === '' ? '' : `${folder}/`, path: folder === '' ? '' : `${folder}/` })),
    read: (path) => tree.read(snapshot, path),
    folders: async (folder) => (await tree.list(snapshot, folder)).filter(({ kind }) => kind === 'folder').map(({ name }) => name),
    nameOf: (document) => sourceName(options, document),
    pins: [pin],
  }
}

/** Spring's name: the address and the path, or its phrase for one document of several without the closing brackets and the work tree's address. */
function sourceName({ uri }: GitSourceOptions, document: ContributedDocument): string {
  const { path, location } = document.reference
  if (document.count === 1) return `${uri}/${path}`
  const folder = uri.startsWith('file:') ? cleanPath(uri.replace(/^file:\/*/, '/')) : ''
  return `${uri}/${documentName(document, { file: `${folder}/${path}`, location }).replaceAll(']', '')}`
}
