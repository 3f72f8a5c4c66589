import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fieldsOf, type Log, messageOf } from './log.js'
import type { RepositorySettings, Settings } from './settings/settings.js'
import type { TreeOpeners } from './sources/backends.js'
import { type Elsewhere, type GitTree, type Look, openGitTree, tellElsewhere } from './trees/git/index.js'
import { openNativeTree } from './trees/native/index.js'
import type { Tree } from './trees/tree.js'

/** A Git repository that is open. */
export interface OpenRepository {
  /** Says whose it is and differs for whatever is looked after in another way; the same after a restart. Names folders and files. */
  readonly name: string
  /** Without credentials. */
  readonly uri: string
  readonly tree: GitTree
}

/** A native folder that is open. */
export interface OpenFolder {
  /** As of a repository. */
  readonly name: string
  readonly uri: string
  readonly tree: Tree
}

export interface RepositoriesOptions {
  readonly settings: Settings
  readonly log: Log
  /** Told for each backend and pattern that uses a repository, once it is open. */
  readonly onOpened: (repository: OpenRepository, settings: RepositorySettings) => void
  /** Told before the tree of a repository or folder is closed. */
  readonly onClosing: (name: string) => void
  /** Told for each native folder, once it is open. */
  readonly onFolder: (folder: OpenFolder) => void
  readonly onMoved: (name: string, label: string) => void
  /** Told of each look at a remote; the address is without credentials. */
  readonly onLooked: (uri: string, look: Look) => void
}

/** The trees of a server: one for each repository, however many patterns and backends name it. */
export interface Repositories {
  readonly openers: TreeOpeners
  readonly all: () => readonly OpenRepository[]
}

interface Shared {
  readonly repository: OpenRepository
  users: number
}

/** All that settings name, those of patterns among them. */
export function repositoriesIn(backends: Settings['backends']): readonly RepositorySettings[] {
  return backends.flatMap((backend) => (backend.type === 'git' ? [backend, ...backend.repos] : []))
}

export function createRepositories(options: RepositoriesOptions): Repositories {
  const open = new Map<string, Shared>()
  return {
    all: () => [...open.values()].map(({ repository }) => repository),
    openers: {
      native: (folder) => openFolder(options, folder),
      git: (settings, uri) => {
        const name = repositoryName(settings, uri)
        const shared = open.get(name) ?? { repository: openRepository(options, { ...settings, uri }, name), users: 0 }
        open.set(name, shared)
        shared.users++
        options.onOpened(shared.repository, settings)
        const leave = async (): Promise<void> => {
          shared.users--
          if (shared.users > 0) return
          open.delete(name)
          options.onClosing(name)
          await shared.repository.tree.close()
        }
        return { ...shared.repository.tree, close: once(leave) }
      },
    },
  }
}

function openFolder({ onFolder, onClosing }: RepositoriesOptions, folder: string): Tree {
  const name = nameOf(folder, ['native'])
  const tree = openNativeTree({ folder })
  onFolder({ name, uri: `file:${folder}`, tree })
  const close = async (): Promise<void> => {
    onClosing(name)
    await tree.close()
  }
  return { ...tree, close: once(close) }
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= close()
    return closed
  }
}

function openRepository(
  { settings, log, onMoved, onLooked }: RepositoriesOptions,
  repository: RepositorySettings,
  name: string,
): OpenRepository {
  const shown = repository.uri.replace(/\/\/[^/@]*@/, '//')
  const opened = openGitTree({
    ...repository,
    folder: join(repository.basedir ?? join(settings.dataFolder, 'repositories'), name),
    onMove: (label, from, to) => {
      log.info({ repository: shown, label, commit: to }, moveMessage(label, from, to))
      if (to !== undefined) void look({ id: to })
      onMoved(name, label)
    },
    onLooked: (look) => onLooked(shown, look),
    onTrouble: (error) => log.warn({ repository: shown, ...fieldsOf(error) }, messageOf(error)),
  })
  const { tree, look } = tellElsewhere(opened, (what, path) => log.warn({ repository: shown, file: path }, elsewhereMessage(what, path)))
  return { name, uri: shown, tree }
}

function elsewhereMessage(what: Elsewhere, path: string): string {
  switch (what) {
    case 'submodule':
      return `${path} is a submodule: its files are not served, because submodules are not followed`
    case 'lfs-pointer':
      return `${path} is a pointer of Git LFS, not the file itself: LFS is not followed`
    default:
      return what satisfies never
  }
}

/** Two that look after another label or at other times are two: a clone has one owner, and what is announced can be read by those who read there. */
function repositoryName({ username = '', defaultLabel, refreshRate }: RepositorySettings, uri: string): string {
  return nameOf(uri, [username, defaultLabel, String(refreshRate)])
}

/** Readable, and another for whatever differs. */
function nameOf(uri: string, parts: readonly string[]): string {
  const readable = uri
    .replace(/^.*\//, '')
    .replace(/[^\w.-]/g, '')
    .slice(0, 40)
  return `${readable}-${createHash('sha256')
    .update([uri, ...parts].join('\0'))
    .digest('hex')
    .slice(0, 16)}`
}

function moveMessage(label: string, from: string | undefined, to: string | undefined): string {
  const short = (id: string | undefined): string => id?.slice(0, 10) ?? 'gone'
  return from === undefined ? `${label} is ${short(to)}` : `${label} moved from ${short(from)} to ${short(to)}`
}
