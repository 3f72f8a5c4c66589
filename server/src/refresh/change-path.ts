import { join } from 'node:path'
import type { Transport, TransportOptions } from '@carillon/bus'
import type { BusSettings } from '../settings/settings.js'
import type { ParsedFiles } from '../sources/parsed-files.js'
import type { Tree } from '../trees/tree.js'
import { openAnnouncedRecord } from './announced.js'
import { type Announcement, type Announcer, createAnnouncer } from './announcer.js'
import { concernsOf } from './concerns.js'
import { createReadersRecord, type ReadersRecord } from './readers-record.js'
import { joinRing, type Overheard, type Ring } from './ring.js'
import { createSteeringFiles } from './steering-files.js'
import { isSameRepository } from './webhooks/repositories.js'
import type { Hint } from './webhooks/result.js'

/** What the change path says for people to read. */
export interface ChangeLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

export interface ChangePathOptions {
  readonly dataFolder: string
  readonly parsed: ParsedFiles
  readonly log: ChangeLog
  /** Absent: changes are noticed and nobody is told. */
  readonly bus?: { readonly settings: BusSettings; readonly openTransport: (url: string, options: TransportOptions) => Transport }
}

/** One repository whose changes are announced. */
export interface WatchedRepository {
  /** Names its record on disk: the same after a restart, another for each repository. */
  readonly name: string
  /** Without credentials. */
  readonly uri: string
  readonly tree: Tree
  readonly searchPaths: readonly string[]
}

/** From a moved label to told instances. */
export interface ChangePath {
  /** Announces the changes of a repository from now on. Telling the same name again adds its search paths. */
  readonly watch: (repository: WatchedRepository) => void
  /** A label of a watched repository may have moved. Never waits. */
  readonly moved: (name: string, label: string) => void
  /** Looks at the remotes that a hint may be about; a command to announce is followed afterwards. Never waits. */
  readonly hint: (hint: Hint) => void
  readonly readers: ReadersRecord
  /** Joins the bus, once the port is known. */
  readonly join: (port: number) => Ring | undefined
  readonly ring: () => Ring | undefined
  readonly close: () => Promise<void>
}

/** How long a look that a hint asks for may take (ms). */
const LOOK = 60_000
/** More concerns than this are everybody: so many events cost more than those told in vain. */
const MAX_CONCERNS = 100

interface Watched extends Omit<WatchedRepository, 'searchPaths'> {
  readonly searchPaths: Set<string>
  readonly announcer: Promise<Announcer>
}

/** Builds the change path. Nothing is announced before `join`. */
export function createChangePath(options: ChangePathOptions): ChangePath {
  const watched = new Map<string, Watched>()
  const readers = createReadersRecord()
  const steeringFiles = createSteeringFiles()
  let ring: Ring | undefined

  const publish = async ({ application, profiles, label, commit }: Announcement): Promise<void> => {
    if (ring === undefined) throw new Error('the bus is not joined yet')
    await ring.refresh(application, { label, commits: [commit], ...(profiles === '*' ? {} : { profiles }) })
  }
  const announcerOf = async ({ name, uri, tree, searchPaths }: Omit<Watched, 'announcer'>): Promise<Announcer> => {
    const onTrouble = (message: string, error: unknown): void =>
      options.log.warn({ repository: uri, error: textOf(error) }, `${message}: ${textOf(error)}`)
    const record = await openAnnouncedRecord(join(options.dataFolder, 'announced', `${name}.json`), onTrouble)
    const announcer = createAnnouncer({
      tree,
      record,
      concernsOf: async (change) => {
        const concerns = await concernsOf({
          ...change,
          tree,
          searchPaths: [...searchPaths],
          parsed: options.parsed,
          readersOf: readers.readersOf,
          steeringFiles,
        })
        return concerns.length > MAX_CONCERNS ? [{ application: '*', profiles: '*' }] : concerns
      },
      publish,
      onAnnounced: (announcements) => tellAnnounced(options.log, uri, announcements),
      onTrouble,
    })
    announcer.lookAtAll()
    return announcer
  }
  const lookAtAll = (): void => {
    for (const { announcer } of watched.values()) void announcer.then((found) => found.lookAtAll())
  }
  const fetch = async ({ tree, uri }: Watched): Promise<void> => {
    await tree
      .fetch(AbortSignal.timeout(LOOK))
      .catch((error: unknown) => options.log.warn({ repository: uri }, `A look at ${uri} failed: ${textOf(error)}`))
  }
  const follow = async ({ kind, names, repository }: Hint): Promise<void> => {
    const meant = [...watched.values()].filter(({ uri }) => repository !== undefined && isSameRepository(uri, repository))
    await Promise.all((meant.length > 0 ? meant : [...watched.values()]).map(fetch))
    if (kind !== 'announce') return
    for (const name of names) {
      await ring?.refresh(name).catch((error: unknown) => options.log.warn({ name }, `'${name}' could not be told: ${textOf(error)}`))
    }
  }

  return {
    readers,
    ring: () => ring,
    watch: ({ searchPaths, ...repository }) => {
      const known = watched.get(repository.name)
      if (known !== undefined) {
        for (const path of searchPaths) known.searchPaths.add(path)
        return
      }
      const paths = new Set(searchPaths)
      watched.set(repository.name, { ...repository, searchPaths: paths, announcer: announcerOf({ ...repository, searchPaths: paths }) })
    },
    moved: (name, label) => {
      if (options.bus !== undefined) void watched.get(name)?.announcer.then((announcer) => announcer.look(label))
    },
    hint: (hint) => void follow(hint),
    join: (port) => {
      if (options.bus === undefined) return undefined
      const { settings, openTransport } = options.bus
      ring = joinRing({
        settings,
        port,
        openTransport,
        // Another replica has something newer: to be told of it by an instance that reads here would be too late.
        onOverheard: (event) => {
          for (const repository of watched.values()) {
            void isBehind(repository, event).then((behind) => (behind ? fetch(repository) : undefined))
          }
        },
        onAck: ({ originService, ackDestinationService }, { outcome, commits, reason }) => {
          if (outcome !== undefined)
            tellAck(options.log, { instance: originService, destination: ackDestinationService, outcome, commits, reason })
        },
        onState: (state) => {
          options.log.info({ bus: state }, `The bus is ${state}`)
          if (state === 'connected') lookAtAll()
        },
        onTrouble: (error) => options.log.warn({ bus: 'trouble' }, error.message),
      })
      return ring
    },
    close: async () => {
      await Promise.all([...watched.values()].map(async ({ announcer }) => (await announcer).close()))
      await ring?.close()
    },
  }
}

/** Whether a label that is served here lacks a commit that others already announce. */
async function isBehind({ tree }: Watched, { label, commits }: Overheard): Promise<boolean> {
  const current = tree.current(label)
  if (current === undefined) return false
  const reaches = await Promise.all(commits.map((commit) => tree.reach({ id: current }, commit).catch(() => 'unknown' as const)))
  return reaches.some((reach) => reach === 'unknown' || reach === 'behind')
}

interface Acknowledged {
  readonly instance: string
  readonly outcome: string
  readonly [field: string]: unknown
}

function tellAck(log: ChangeLog, ack: Acknowledged): void {
  const say = ack.outcome === 'rejected' || ack.outcome === 'failed' ? log.warn : log.info
  say(ack, `${ack.instance}: ${ack.outcome}`)
}

function tellAnnounced(log: ChangeLog, repository: string, announcements: readonly Announcement[]): void {
  const names = announcements.map(({ application }) => (application === '*' ? 'everybody' : application))
  const [first] = announcements
  log.info(
    { repository, label: first?.label, commit: first?.commit, names },
    `Announced ${first?.label} at ${first?.commit.slice(0, 10)} to ${names.join(', ')}`,
  )
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
