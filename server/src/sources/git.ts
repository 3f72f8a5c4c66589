import type { PropertySource } from '@carillon/environment'
import type { ContributedDocument } from '../resolution/contributors.js'
import { cleanPath } from '../resolution/paths.js'
import type { RepositorySettings } from '../settings/settings.js'
import type { Snapshot, Tree } from '../trees/tree.js'
import { isContentError, namingCommit } from './content-errors.js'
import type { SourceContext } from './context.js'
import type { Effective } from './effective.js'
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
export function createGitSource(given: GitSourceOptions): Source {
  const { tree } = given
  let isOpen = true
  const options = { ...given, isOpen: () => isOpen }
  return {
    find: (request) => find(options, request),
    findFile: (request, path) => findFile(options, request, path),
    reach: async (request, commit) => {
      const work = async (label: string) => tree.reach((await resolveLabel(options, label)).snapshot, commit)
      return bestReach((await eachLabel(options, request.label, work)).parts)
    },
    fetch: (signal) => tree.fetch(signal),
    close: () => {
      isOpen = false
      return tree.close()
    },
  }
}

interface OpenSource extends GitSourceOptions {
  /** What was answered outlives the source, and the labels of a tree that is closed stay where they are. */
  readonly isOpen: () => boolean
}

/** A label with what it is at this moment. */
interface Resolved {
  readonly label: string
  readonly snapshot: Snapshot
  readonly pin: Pin
}

async function find(options: OpenSource, request: ConfigRequest): Promise<Found> {
  const { parts, isWhole } = await eachLabel(options, request.label, async (label) => {
    const resolved = await resolveLabel(options, label)
    return { resolved, ...(await effectiveView(options, request, resolved)) }
  })
  return {
    // The last label of a list is the strongest, the versions stay in the order of the request.
    propertySources: parts.toReversed().flatMap(({ built }) => built),
    version: parts.map(({ snapshot }) => snapshot.id).join(','),
    state: '',
    pins: [...parts.map(({ resolved, snapshot }) => pinAt(resolved, snapshot)), ...(isWhole ? [] : [neverCurrent])],
  }
}

function pinAt({ pin }: Resolved, served: Snapshot): Pin {
  return pin.snapshot.id === served.id ? pin : { ...pin, served }
}

function effectiveView(options: OpenSource, request: ConfigRequest, resolved: Resolved): Promise<Effective<readonly PropertySource[]>> {
  const { context, uri, settings, tree } = options
  const { label, snapshot: wanted } = resolved
  const key = [uri, settings.searchPaths, label, request.applications, request.profiles]
  const read = async (through: Tree, snapshot: Snapshot): Promise<readonly PropertySource[]> =>
    findInView(await viewOf({ ...options, tree: through }, request, { ...resolved, snapshot }), request, context.parsed)
  return context.effective.find({
    key: JSON.stringify(key),
    repository: uri,
    label,
    tree,
    wanted,
    read,
    build: (snapshot) =>
      context.environments.get(JSON.stringify([snapshot.id, ...key]), () => namingCommit({ tree, snapshot }, () => read(tree, snapshot))),
    again: async () => options.isOpen() && effectiveView(options, request, await resolveLabel(options, label)),
  })
}

/** A file belongs to its view: it comes from the commit that the view is served from. Where there is none, bytes cannot be wrong, and who fills in values is told. */
async function findFile(options: OpenSource, request: ConfigRequest, path: string): Promise<FoundFile | undefined> {
  const resolved = await resolveLabel(options, request.label ?? options.settings.defaultLabel)
  const snapshot = await effectiveSnapshot(options, request, resolved)
  const view = await viewOf(options, request, { ...resolved, snapshot })
  const found = await findFileInView(view, { profiles: request.profiles, path, order: options.context.locationOrder })
  if (found === undefined) return undefined
  return {
    ...found,
    since: options.takeUps.since(resolved.label, resolved.snapshot.id),
    pins: [pinAt(resolved, snapshot)],
  }
}

async function effectiveSnapshot(options: OpenSource, request: ConfigRequest, resolved: Resolved): Promise<Snapshot> {
  try {
    return (await effectiveView(options, request, resolved)).snapshot
  } catch (error) {
    if (isContentError(error)) return resolved.snapshot
    throw error
  }
}

/** Does something for each label of a list. One that fails is an error, unless the settings let a list go on without it. */
async function eachLabel<Part>(
  options: OpenSource,
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

async function resolveLabel(options: OpenSource, label: string): Promise<Resolved> {
  const names = candidates(options, label)
  for (const [index, name] of names.entries()) {
    const snapshot = await options.tree.snapshot(name)
    if (snapshot === undefined) continue
    const before = names.slice(0, index)
    // An absent label shows where it is the default one: others are looked after once they are there.
    const isStillAbsent = (absent: string): boolean =>
      absent === options.settings.defaultLabel && options.tree.current(absent) === undefined
    const isCurrent = (): boolean => options.isOpen() && options.tree.current(name) === snapshot.id && before.every(isStillAbsent)
    return { label, snapshot, pin: { snapshot, isCurrent } }
  }
  throw await noSuchLabel(options, label)
}

function candidates({ settings, master }: GitSourceOptions, label: string): readonly string[] {
  const tryMaster = label === 'main' && settings.tryMasterBranch && (master === 'always' || settings.defaultLabel === 'main')
  return tryMaster ? [label, 'master'] : [label]
}

async function viewOf(options: OpenSource, request: ConfigRequest, { label, snapshot, pin }: Resolved): Promise<View> {
  const { settings, tree } = options
  const paths = expandVariables(settings.searchPaths, { ...request, label })
  const folders = await matchFolders(tree, snapshot, paths)
  return {
    locations: folders.map((folder) => ({ text: folder === '' ? '' : `${folder}/`, path: folder === '' ? '' : `${folder}/` })),
    present: (paths) => tree.present(snapshot, paths),
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
