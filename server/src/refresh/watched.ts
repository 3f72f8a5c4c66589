import { join } from 'node:path'
import type { Trace } from '@carillon/bus'
import type { ParsedFiles } from '../sources/parsed-files.js'
import { type AnnouncedRecord, openAnnouncedRecord } from './announced.js'
import { type Announcement, type Announcer, type AnnouncerOptions, createAnnouncer } from './announcer.js'
import { type Audience, EVERYBODY } from './audience.js'
import type { ChangeMessages } from './change-log.js'
import { concernsOf } from './concerns.js'
import type { ReadersRecord } from './readers-record.js'
import type { Ring } from './ring.js'
import { watchSettled } from './settled.js'
import type { SteeringFiles } from './steering-files.js'
import type { Watched } from './watch-list.js'

/** A repository, whose changes concern those who read what changed, or a folder without history, whose changes concern everybody. */
export type WatchedTree =
  | (Watched & { readonly kind: 'repository'; readonly searchPaths: Set<string> })
  | (Watched & { readonly kind: 'folder' })

export interface WatchedParts {
  readonly dataFolder: string
  readonly parsed: ParsedFiles
  readonly readers: ReadersRecord
  readonly steeringFiles: SteeringFiles
  readonly messages: ChangeMessages
  readonly ring: () => Ring | undefined
  /** Whether the bus is there, and what is here is not older than what was said on it. */
  readonly canPublish: () => boolean
}

/** More concerns than this are everybody: so many events cost more than those told in vain. */
const MAX_CONCERNS = 100

/** Stands for an announcer where there is nobody to tell. */
export const silentAnnouncer: Announcer = { look: () => undefined, lookAtAll: () => undefined, close: async () => undefined }

/** Opens the announcer of a tree with what it announced before a restart, and lets it look whether that is still so. */
export async function openWatchedAnnouncer(watched: WatchedTree, parts: WatchedParts): Promise<Announcer> {
  const { messages, dataFolder, canPublish } = parts
  const record = await openAnnouncedRecord(join(dataFolder, 'announced', `${watched.name}.json`), {
    onTrouble: messages.trouble,
    isInUse: (label) => watched.tree.current(label) !== undefined,
  })
  await parts.readers.loaded
  const shared = {
    record,
    canPublish,
    onAnnounced: (announcements: readonly Announcement[], trace: Trace) => messages.announced(watched.uri, announcements, trace),
    onTrouble: messages.trouble,
  }
  return watched.kind === 'repository' ? repositoryAnnouncer(watched, parts, shared) : folderAnnouncer(watched, parts, shared)
}

interface Shared extends Pick<AnnouncerOptions, 'canPublish' | 'onAnnounced' | 'onTrouble'> {
  readonly record: AnnouncedRecord
}

function repositoryAnnouncer(watched: Extract<WatchedTree, { kind: 'repository' }>, parts: WatchedParts, shared: Shared): Announcer {
  const { tree, searchPaths } = watched
  const { parsed, steeringFiles, readers } = parts
  const announcer = createAnnouncer({
    ...shared,
    tree,
    concernsOf: async (change) => {
      const asked = { ...change, tree, searchPaths: [...searchPaths], parsed, readersOf: readers.readersOf, steeringFiles }
      return fewEnough(await concernsOf(asked))
    },
    publish: async ({ application, profiles, label, commit }, trace) => {
      const narrow = profiles === '*' ? {} : { profiles }
      // Whole, because a name that holds colons would be left as it is, and reach nobody.
      await parts.ring()?.refresh(`${application}:**`, { label, commits: [commit], ...narrow, trace })
    },
  })
  announcer.lookAtAll()
  return announcer
}

function fewEnough(concerns: Audience): Audience {
  return concerns.length > MAX_CONCERNS ? [EVERYBODY] : concerns
}

/** The ids of a folder's states mean something on this machine only, so none of them travels. */
function folderAnnouncer({ tree }: Watched, { ring }: WatchedParts, shared: Shared): Announcer {
  const folder = watchSettled({ tree, onSettled: () => announcer.look('') })
  const announcer = createAnnouncer({
    ...shared,
    tree: folder,
    concernsOf: async () => [EVERYBODY],
    publish: async ({ application }, trace) => ring()?.refresh(`${application}:**`, { trace }),
  })
  return {
    ...announcer,
    close: async () => {
      folder.close()
      await announcer.close()
    },
  }
}
