import { realpath } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ServerError } from '../../errors.js'
import { watchFolders } from '../watch.js'
import { openContent } from './content.js'
import type { Engine } from './engine.js'
import type { GitTree, GitTreeOptions } from './git-tree.js'
import { openLabels } from './labels.js'
import { labelsOf } from './refs.js'
import { findGitdir, findPlace, type GitPlace } from './repository.js'
import { resolveLabel } from './resolve.js'
import { type Stamp, takeStamp } from './stamp.js'

/** Watches are few on most systems; folders beyond these are seen at the interval. */
const MOST_WATCHED = 50

type LocalOptions = Pick<GitTreeOptions, 'uri' | 'defaultLabel' | 'onMove' | 'onTrouble'>
type Opened = Awaited<ReturnType<typeof openAt>>

/**
 * A repository that is read in place: never written, never locked. Its refs are watched, so that a commit shows within
 * a second. A missing, damaged or unsupported repository fails each use, and works once it is mended.
 */
export function openLocalTree(options: LocalOptions, engine: Engine): GitTree {
  const root = toPath(options.uri)
  let opened: Opened | undefined
  let failure: ServerError | undefined
  let stamp: Stamp | undefined
  let lastFetch: number | undefined
  let told: string | undefined
  let looking: Promise<void> | undefined

  // The same trouble is met twice a second until somebody mends it: it is told once.
  const tell = (error: Error) => {
    if (told !== error.message) options.onTrouble?.(error)
    told = error.message
  }
  /** What was opened, again where it has become another repository: a link was turned round, or it borrows objects now. */
  const open = async (): Promise<Opened> => {
    const place = await getPlace(root)
    if (opened !== undefined && JSON.stringify(opened.place) === JSON.stringify(place)) return opened
    // Whoever is in the middle of reading goes on.
    opened?.objects.forgetPacks()
    return openAt(place, { ...options, onTrouble: tell }, engine)
  }
  const look = async (): Promise<void> => {
    opened = await open()
    const { place, objects, labels } = opened
    const next = await takeStamp(place)
    if (next.packs !== stamp?.packs) objects.forgetPacks()
    const moved = next.refs !== stamp?.refs
    const complete = !moved || (await labels.refresh())
    stamp = complete ? next : undefined
    if (complete) told = undefined
    failure = undefined
    lastFetch = Date.now()
  }
  const lookOnce = (): Promise<void> => {
    looking ??= look()
      .catch((error: unknown) => {
        failure = error instanceof ServerError ? error : unreadable(root, error)
        stamp = undefined
        tell(failure)
      })
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const getOpened = async (): Promise<Opened> => {
    if (lastFetch === undefined || failure !== undefined) await lookOnce()
    if (failure !== undefined) throw failure
    return opened ?? getOpened()
  }

  const watch = watchFolders({ folders: () => stamp?.folders.slice(0, MOST_WATCHED) ?? [root], look: lookOnce, onTrouble: tell })

  return {
    current: (label) => (failure === undefined ? opened?.labels.current(label) : undefined),
    async snapshot(label) {
      const { labels } = await getOpened()
      const id = await labels.resolve(label).catch((error: unknown) => {
        throw error instanceof ServerError ? error : unreadable(root, error)
      })
      return id === undefined ? undefined : { id }
    },
    labels: async () => labelsOf(await (await getOpened()).refs.list()),
    list: async (snapshot, folder) => (await getOpened()).content.list(snapshot, folder),
    present: async (snapshot, paths) => (await getOpened()).content.present(snapshot, paths),
    read: async (snapshot, path) => (await getOpened()).content.read(snapshot, path),
    reach: async (snapshot, commit) => (await getOpened()).content.reach(snapshot, commit),
    authored: async (snapshot) => (await getOpened()).content.authored(snapshot),
    parent: async (snapshot) => (await getOpened()).content.parent(snapshot),
    keep: () => undefined,
    fetch: lookOnce,
    status: () => ({
      state: failure !== undefined ? 'failed' : lastFetch === undefined ? 'cloning' : 'ready',
      ...(lastFetch === undefined ? {} : { lastFetch }),
      ...(failure === undefined ? {} : { lastError: failure.message }),
    }),
    async close() {
      watch.close()
      await looking
      await opened?.objects.close()
    },
  }
}

async function openAt(place: GitPlace, { defaultLabel, onMove, onTrouble }: LocalOptions, engine: Engine) {
  const objects = await engine.openObjects(place)
  const refs = engine.openRefs(place)
  const labels = openLabels({
    defaultLabel,
    find: (label) => resolveLabel({ rules: 'local', find: refs.find, objects }, label),
    onMove: (label, from, to) => onMove?.(label, from, to),
    onTrouble: (error) => onTrouble?.(error),
  })
  return { place, refs, objects, labels, content: openContent(objects) }
}

/** `file:///a`, `file:/a`, `file:a` (from the working directory, as in Java) or a plain path. */
function toPath(uri: string): string {
  if (!uri.startsWith('file:')) return uri
  if (!uri.startsWith('file:/')) return uri.slice('file:'.length)
  try {
    return fileURLToPath(uri)
  } catch (cause) {
    throw notLocal(uri, cause)
  }
}

async function getPlace(root: string): Promise<GitPlace> {
  const gitdir = await findGitdir(await realpath(root).catch(() => root))
  if (gitdir === undefined)
    throw new ServerError('repository-failed', `there is no Git repository at ${root}: expected a work tree or a bare repository`)
  return findPlace(gitdir)
}

function notLocal(uri: string, cause: unknown): ServerError {
  return new ServerError('invalid-settings', `${uri} names no local file: ${(cause as Error).message}`, { cause })
}

function unreadable(root: string, cause: unknown): ServerError {
  return new ServerError('repository-failed', `the Git repository at ${root} cannot be read: ${(cause as Error).message}`, { cause })
}
