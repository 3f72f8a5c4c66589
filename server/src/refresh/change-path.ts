import { join } from 'node:path'
import type { AckOutcome, Trace, TransportState } from '@carillon/bus'
import { ServerError } from '../errors.js'
import { messageOf } from '../log.js'
import type { BusSettings } from '../settings/settings.js'
import type { ParsedFiles } from '../sources/parsed-files.js'
import { type ChangeLog, changeMessages } from './change-log.js'
import { createHearing } from './heeding.js'
import { createLooking } from './looking.js'
import { createReadersRecord, type ReadersRecord } from './readers-record.js'
import { joinRing, type Ring, type RingOptions } from './ring.js'
import { createSteeringFiles } from './steering-files.js'
import { createWatchList, type Watched, type WatchList } from './watch-list.js'
import { openWatchedAnnouncer, silentAnnouncer, type WatchedTree } from './watched.js'

export interface ChangePathOptions {
  readonly dataFolder: string
  readonly parsed: ParsedFiles
  readonly log: ChangeLog
  /** Absent: changes are noticed and nobody is told. */
  readonly bus?: { readonly settings: BusSettings; readonly openTransport: RingOptions['openTransport'] }
  readonly counts?: ChangeCounts
}

/** Told of what travels on the bus, for metrics. */
export interface ChangeCounts extends Pick<RingOptions, 'onPublished'> {
  /** An instance has answered; `undefined` is the plain ack of a Spring member. */
  readonly onAcknowledged: (outcome: AckOutcome | undefined) => void
}

const uncounted: ChangeCounts = { onPublished: () => undefined, onAcknowledged: () => undefined }

/** One repository whose changes are announced. */
export interface WatchedRepository extends Watched {
  /** As in the settings. */
  readonly searchPaths: readonly string[]
}

/** From a moved label to told instances. */
export interface ChangePath {
  /** Announces the changes of a repository from now on. Telling the same tree again adds its search paths. */
  readonly watch: (repository: WatchedRepository) => void
  /** Announces that something in a native folder changed, to everybody. */
  readonly watchFolder: (folder: Watched) => void
  /** The tree of this name is about to be closed. */
  readonly forget: (name: string) => void
  /** A label of a watched repository may have moved. Never waits. */
  readonly moved: (name: string, label: string) => void
  /** Looks at the remotes that a hint may be about; a command to announce is followed afterwards. Never waits. */
  readonly hint: ReturnType<typeof createLooking>['follow']
  /** Resolves once this server has looked for a commit that somebody else told of. */
  readonly settled: ReturnType<typeof createLooking>['settled']
  readonly readers: ReadersRecord
  /** Joins the bus, once the port is known. Throws `invalid-settings` for an address that is none of a bus. */
  readonly join: (port: number) => void
  readonly ring: () => Ring | undefined
  readonly close: () => Promise<void>
}

/** How long announcements that are under way may take once the server closes (ms); what is not through then is announced at the next start. */
const GRACE = 1_000

/** Builds the change path. Nothing is announced before `join`. */
export function createChangePath({ log, parsed, dataFolder, bus, counts = uncounted }: ChangePathOptions): ChangePath {
  const messages = changeMessages(log)
  const readers = createReadersRecord({ path: join(dataFolder, 'announced', 'readers.json'), onTrouble: messages.trouble })
  let ring: Ring | undefined
  const hearing = createHearing({
    look: () => looking.look(),
    onCaughtUp: () => {
      watched.lookAtAll()
      looking.catchUp()
    },
  })
  const shared = { dataFolder, parsed, readers, steeringFiles: createSteeringFiles(), messages }
  const parts = { ...shared, ring: () => ring, canPublish: hearing.isCaughtUp }
  // Without a bus the trees are known all the same: a hint makes them look.
  const watched = createWatchList<WatchedTree>(async (item) => (bus === undefined ? silentAnnouncer : openWatchedAnnouncer(item, parts)))
  const tell = async (name: string, trace: Trace | undefined): Promise<void> => {
    if (bus !== undefined) await joined(ring).refresh(name, trace === undefined ? {} : { trace })
  }
  const looking = createLooking({
    watched: watched.all,
    tell,
    isDeaf: () => bus !== undefined && !hearing.isCaughtUp(),
    onTrouble: messages.trouble,
  })
  const onAck: RingOptions['onAck'] = (ack, info) => {
    messages.onAck(ack, info)
    counts.onAcknowledged(info.outcome)
  }
  const onState = (state: TransportState): void => {
    messages.state(state)
    hearing.become(state)
  }
  return {
    readers,
    ring: () => ring,
    hint: looking.follow,
    settled: looking.settled,
    watch: (repository) => watchRepository(watched, repository),
    watchFolder: (folder) => {
      if (bus !== undefined) watched.add({ ...folder, kind: 'folder' })
    },
    forget: watched.remove,
    moved: (name, label) => watched.moved(name, label, looking.causeOf(name)),
    join: (port) => {
      if (bus !== undefined) ring = enterRing({ ...bus, ...messages, ...counts, port, onOverheard: looking.overhear, onState, onAck })
    },
    close: async () => {
      const ended = Promise.all([looking.close(), watched.close()])
      await atMost(GRACE, ended)
      await ring?.close()
      await ended
      await readers.close()
    },
  }
}

function watchRepository(watched: WatchList<WatchedTree>, { searchPaths, ...repository }: WatchedRepository): void {
  const known = watched.get(repository.name)
  if (known?.kind === 'repository' && known.tree === repository.tree) for (const path of searchPaths) known.searchPaths.add(path)
  else watched.add({ ...repository, kind: 'repository', searchPaths: new Set(searchPaths) })
}

function joined(ring: Ring | undefined): Ring {
  if (ring === undefined) throw new Error('the bus is not joined yet')
  return ring
}

type Entering = Pick<RingOptions, 'settings' | 'openTransport' | 'port' | 'onOverheard' | 'onState' | 'onAck' | 'onTrouble' | 'onPublished'>

function enterRing(options: Entering): Ring {
  try {
    return joinRing(options)
  } catch (cause) {
    throw new ServerError('invalid-settings', `carillon.bus.url: ${messageOf(cause)}`, { cause })
  }
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
