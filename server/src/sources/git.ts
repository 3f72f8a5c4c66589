import type { PropertySource } from '@carillon/environment'
import { ServerError } from '../errors.js'
import type { ContributedDocument } from '../resolution/contributors.js'
import type { RepositorySettings } from '../settings/settings.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import type { SourceContext } from './context.js'
import { expandVariables, matchFolders } from './search-paths.js'
import type { ConfigRequest, Found, FoundFile, Pin, Source } from './source.js'
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
  const resolved = await resolveLabels(options, request.label)
  const found = await Promise.all(resolved.map((label) => propertySources(options, request, label)))
  return {
    // The last label of a list is the strongest, the versions stay in the order of the request.
    propertySources: found.toReversed().flat(),
    version: resolved.map(({ snapshot }) => snapshot.id).join(','),
    state: '',
    pins: resolved.map(({ pin }) => pin),
  }
}

async function propertySources(options: GitSourceOptions, request: ConfigRequest, resolved: Resolved): Promise<readonly PropertySource[]> {
  const { context, uri } = options
  const key = JSON.stringify([uri, resolved.snapshot.id, resolved.label, request.applications, request.profiles])
  return context.environments.get(key, async () => findInView(await viewOf(options, request, resolved), request, context.parsed))
}

async function findFile(options: GitSourceOptions, request: ConfigRequest, path: string): Promise<FoundFile | undefined> {
  const resolved = await resolveLabel(options, request.label ?? options.settings.defaultLabel)
  const view = await viewOf(options, request, resolved)
  const found = await findFileInView(view, { profiles: request.profiles, path, order: options.context.locationOrder })
  if (found === undefined) return undefined
  return { ...found, file: { ...found.file, modified: options.takeUps.since(resolved.label, resolved.snapshot.id) } }
}

/** The labels of a list that exist. One that does not is an error, unless the settings let a list go on without it. */
async function resolveLabels(options: GitSourceOptions, text: string | undefined): Promise<readonly Resolved[]> {
  const listed = (text ?? options.settings.defaultLabel).split(',').filter((label) => label.trim() !== '')
  const labels = listed.length === 0 ? [text ?? options.settings.defaultLabel] : listed
  const resolved: Resolved[] = []
  for (const label of labels) {
    try {
      resolved.push(await resolveLabel(options, label))
    } catch (error) {
      if (labels.length === 1 || !options.settings.continueOnMultipleLabelFailure) throw error
    }
  }
  if (resolved.length === 0) throw noSuchLabel(options, labels.join(','))
  return resolved
}

async function resolveLabel(options: GitSourceOptions, label: string): Promise<Resolved> {
  for (const name of candidates(options, label)) {
    const snapshot = await options.tree.snapshot(name)
    if (snapshot !== undefined) return { label, snapshot, pin: { snapshot, isCurrent: () => options.tree.current(name) === snapshot.id } }
  }
  throw noSuchLabel(options, label)
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
  const folder = uri.startsWith('file:') ? uri.replace(/^file:\/*/, '/').replace(/\/+$/, '') : ''
  return `${uri}/${documentName(document, { file: `${folder}/${path}`, location }).replaceAll(']', '')}`
}

function noSuchLabel({ uri, settings }: GitSourceOptions, label: string): ServerError {
  const hint =
    label === settings.defaultLabel ? ' It is the default label; spring.cloud.config.server.git.default-label names another.' : ''
  return new ServerError('no-such-label', `No such label: ${uri} has no branch, tag or commit '${label}'.${hint}`)
}
