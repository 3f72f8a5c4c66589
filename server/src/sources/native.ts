import { isAbsolute, relative, resolve } from 'node:path'
import type { ContributedDocument } from '../resolution/contributors.js'
import { cleanPath } from '../resolution/paths.js'
import type { Location } from '../resolution/references.js'
import type { NativeSettings } from '../settings/settings.js'
import type { Snapshot, Tree, TreeFile } from '../trees/tree.js'
import type { SourceContext } from './context.js'
import { expandVariables } from './search-paths.js'
import { bestReach, type ConfigRequest, type Found, type FoundFile, type Pin, type Source } from './source.js'
import { documentName, findFileInView, findInView, type View, withFreshSnapshot } from './view.js'

export interface NativeSourceOptions {
  readonly settings: NativeSettings
  readonly openTree: (folder: string) => Tree
  readonly context: SourceContext
  /** What relative locations are relative to. */
  readonly workingFolder: string
}

/** Plain folders of this machine, read as they are now. Paths are absolute. (Spring: NativeEnvironmentRepository.) */
export function createNativeSource(options: NativeSourceOptions): Source {
  const folders = rootFolders(options).map((folder) => ({ folder, tree: options.openTree(folder) }))
  const opened = { ...options, folders }
  return {
    find: (request) => withFreshSnapshot(() => find(opened, request)),
    findFile: (request, path) => withFreshSnapshot(() => findFile(opened, request, path)),
    reach: async (_request, commit) => {
      const snapshots = await Promise.all(folders.map(({ tree }) => tree.snapshot('')))
      return bestReach(snapshots.map((snapshot) => (snapshot?.id === commit ? 'reached' : 'unknown')))
    },
    fetch: async (signal) => {
      await Promise.all(folders.map(({ tree }) => tree.fetch(signal)))
    },
    close: async () => {
      await Promise.all(folders.map(({ tree }) => tree.close()))
    },
  }
}

interface OpenedFolders extends NativeSourceOptions {
  readonly folders: readonly Folder[]
}

interface Folder {
  readonly folder: string
  readonly tree: Tree
}

interface FolderSnapshot extends Folder {
  readonly snapshot: Snapshot
}

async function find(options: OpenedFolders, request: ConfigRequest): Promise<Found> {
  const view = await viewOf(options, request)
  const { version } = options.settings
  const key = JSON.stringify([view.pins.map(({ snapshot }) => snapshot.id), view.locations, request.applications, request.profiles])
  const propertySources = await options.context.environments.get(key, () => findInView(view, request, options.context.parsed))
  return { propertySources, version: version ?? null, state: null, pins: view.pins }
}

async function findFile(options: OpenedFolders, request: ConfigRequest, path: string): Promise<FoundFile | undefined> {
  const view = await viewOf(options, request)
  return findFileInView(view, { profiles: request.profiles, path, order: options.context.locationOrder })
}

async function viewOf(options: OpenedFolders, request: ConfigRequest): Promise<View> {
  const snapshots = await Promise.all(
    options.folders.map(async (folder) => ({ ...folder, snapshot: (await folder.tree.snapshot('')) ?? { id: '' } })),
  )
  const locations = locationsOf(options, request)
  const reachable = (path: string): boolean => locations.some((location) => path.startsWith(`${location.path.replace(/\/+$/, '')}/`))
  return {
    locations,
    present: (paths) => presentIn(snapshots, paths.filter(reachable)),
    read: async (path) => (reachable(path) ? readFrom(snapshots, path) : undefined),
    folders: (folder) => foldersIn(snapshots, folder),
    nameOf: (document) => sourceName(options, document),
    pins: snapshots.map(pinOf),
  }
}

function pinOf({ tree, snapshot }: FolderSnapshot): Pin {
  return { snapshot, isCurrent: () => tree.current('') === snapshot.id }
}

/** A path in the folder that holds it. */
interface Held {
  readonly holder: FolderSnapshot
  readonly inside: string
}

function heldIn(snapshots: readonly FolderSnapshot[], path: string): Held | undefined {
  const clean = cleanPath(path)
  const holder = clean === undefined ? undefined : snapshots.find(({ folder }) => contains(folder, clean))
  return holder === undefined || clean === undefined ? undefined : { holder, inside: relative(holder.folder, clean) }
}

async function presentIn(snapshots: readonly FolderSnapshot[], paths: readonly string[]): Promise<ReadonlySet<string>> {
  const held = new Map(paths.map((path) => [path, heldIn(snapshots, path)]))
  const present = new Map<FolderSnapshot, ReadonlySet<string>>()
  for (const holder of snapshots) {
    const inside = [...held.values()].flatMap((one) => (one?.holder === holder ? [one.inside] : []))
    present.set(holder, await holder.tree.present(holder.snapshot, inside))
  }
  return new Set([...held].flatMap(([path, one]) => (one !== undefined && present.get(one.holder)?.has(one.inside) ? [path] : [])))
}

async function readFrom(snapshots: readonly FolderSnapshot[], path: string): Promise<TreeFile | undefined> {
  const held = heldIn(snapshots, path)
  return held?.holder.tree.read(held.holder.snapshot, held.inside)
}

async function foldersIn(snapshots: readonly FolderSnapshot[], path: string): Promise<readonly string[]> {
  const holder = snapshots.find(({ folder }) => contains(folder, path))
  if (holder === undefined) return []
  const entries = await holder.tree.list(holder.snapshot, relative(holder.folder, path))
  return entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name)
}

/** Weakest first: every location for every profile and application, then the label's own folders, the first label of a list last. */
function locationsOf(options: NativeSourceOptions, request: ConfigRequest): readonly Location[] {
  const { settings } = options
  const label = request.label ?? settings.defaultLabel
  const expanded = expandVariables(settings.searchLocations, { ...request, label }).map(withSlash)
  const labels = settings.addLabelLocations ? label.split(',').filter((item) => item.trim() !== '') : []
  const labelled = settings.searchLocations
    .filter((location) => !location.includes('{'))
    .flatMap((location) => labels.toReversed().map((item) => `${withSlash(location)}${item}/`))
  const texts = new Set([...expanded, ...labelled].filter(isFolder))
  return [...texts].map((text) => ({ text, path: withSlash(absolute(options, text)) }))
}

function withSlash(location: string): string {
  return location.endsWith('/') ? location : `${location}/`
}

function isFolder(location: string): boolean {
  return !location.includes('{') && !/\.(properties|ya?ml)\/?$/.test(location)
}

function filePath(location: string): string {
  return location.replace(/^optional:/, '').replace(/^file:(\/\/(?=\/))?/, '')
}

function absolute({ workingFolder }: NativeSourceOptions, location: string): string {
  return resolve(workingFolder, filePath(location))
}

/** The folders to watch: what stands before the first placeholder or asterisk of each location, without those that lie inside another. */
function rootFolders(options: NativeSourceOptions): readonly string[] {
  const fixed = options.settings.searchLocations.map((location) => absolute(options, location.replace(/[^/]*[{*].*$/, '')))
  return [...new Set(fixed)].filter((folder) => !fixed.some((other) => other !== folder && contains(other, folder)))
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

/** `file:` and the path, relative where the location is written so. */
function sourceName({ settings, workingFolder }: NativeSourceOptions, document: ContributedDocument): string {
  const { path, location } = document.reference
  const isRelative = settings.searchLocations.every((searched) => !isAbsolute(filePath(searched)))
  const file = isRelative ? relative(workingFolder, path) : path
  return document.count > 1 ? documentName(document, { file, location }) : `file:${file}`
}
