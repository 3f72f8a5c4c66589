import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fieldsOf, type Log, messageOf } from './log.js'
import type { RepositorySettings, Settings } from './settings/settings.js'
import type { TreeOpeners } from './sources/backends.js'
import { type GitTree, openGitTree } from './trees/git/index.js'
import { openNativeTree } from './trees/native/index.js'

/** A Git repository that is open. */
export interface OpenRepository {
  /** Says whose it is and differs for every address and user; the same after a restart. Names folders and files. */
  readonly name: string
  /** Without credentials. */
  readonly uri: string
  readonly tree: GitTree
}

export interface RepositoriesOptions {
  readonly settings: Settings
  readonly log: Log
  /** Told for each backend and pattern that uses a repository, once it is open. */
  readonly onOpened: (repository: OpenRepository, settings: RepositorySettings) => void
  readonly onMoved: (name: string, label: string) => void
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

export function createRepositories(options: RepositoriesOptions): Repositories {
  const open = new Map<string, Shared>()
  return {
    all: () => [...open.values()].map(({ repository }) => repository),
    openers: {
      native: (folder) => openNativeTree({ folder }),
      git: (settings, uri) => {
        const key = JSON.stringify([uri, settings.username, settings.defaultLabel, settings.refreshRate])
        const shared = open.get(key) ?? { repository: openRepository(options, settings, uri), users: 0 }
        open.set(key, shared)
        shared.users++
        options.onOpened(shared.repository, settings)
        return { ...shared.repository.tree, close: once(() => leave(open, key)) }
      },
    },
  }
}

/** The last one out closes the tree. */
async function leave(open: Map<string, Shared>, key: string): Promise<void> {
  const shared = open.get(key)
  if (shared === undefined) return
  shared.users--
  if (shared.users > 0) return
  open.delete(key)
  await shared.repository.tree.close()
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= close()
    return closed
  }
}

function openRepository({ settings, log, onMoved }: RepositoriesOptions, repository: RepositorySettings, uri: string): OpenRepository {
  const shown = uri.replace(/\/\/[^/@]*@/, '//')
  const name = repositoryName(repository, uri)
  const tree = openGitTree({
    ...repository,
    uri,
    folder: join(repository.basedir ?? join(settings.dataFolder, 'repositories'), name),
    onMove: (label, from, to) => {
      log.info({ repository: shown, label, commit: to }, moveMessage(label, from, to))
      onMoved(name, label)
    },
    onTrouble: (error) => log.warn({ repository: shown, ...fieldsOf(error) }, messageOf(error)),
  })
  return { name, uri: shown, tree }
}

function repositoryName({ username = '' }: RepositorySettings, uri: string): string {
  const readable = uri
    .replace(/^.*\//, '')
    .replace(/[^\w.-]/g, '')
    .slice(0, 40)
  return `${readable}-${createHash('sha256').update(`${uri}\0${username}`).digest('hex').slice(0, 16)}`
}

function moveMessage(label: string, from: string | undefined, to: string | undefined): string {
  const short = (id: string | undefined): string => id?.slice(0, 10) ?? 'gone'
  return from === undefined ? `${label} is ${short(to)}` : `${label} moved from ${short(from)} to ${short(to)}`
}
