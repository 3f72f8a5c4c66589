import type { RequestListener } from 'node:http'
import { openTransport, type Transport, type TransportOptions } from '@carillon/bus'
import { Registry } from 'prom-client'
import { busTlsOptions } from './bus-tls.js'
import { type ChangeMetrics, createChangeMetrics, measureState } from './change-metrics.js'
import { claimFolders } from './claims.js'
import { cloneOnStart } from './clone-on-start.js'
import { createHealth } from './health.js'
import { createAccess } from './http/access.js'
import { createApp } from './http/app.js'
import { createBusEndpoints } from './http/bus-endpoints.js'
import type { Health } from './http/health.js'
import { createHooks, type Hooks } from './http/hooks.js'
import { createMetrics, type Metrics } from './http/metrics.js'
import { type Listening, listen } from './listen.js'
import { fieldsOf, type Log, messageOf } from './log.js'
import { openSource, type SourceParts } from './open-source.js'
import { type ChangePath, createChangePath } from './refresh/change-path.js'
import { heedingWord } from './refresh/heeding.js'
import type { ReadersRecord } from './refresh/readers-record.js'
import { createRepositories, type Repositories } from './repositories.js'
import { openSecrets } from './secrets.js'
import type { BusSettings, Settings } from './settings/settings.js'
import { createParsedFiles } from './sources/parsed-files.js'
import type { Secrets } from './sources/secrets.js'
import type { Source } from './sources/source.js'

export type { Log } from './log.js'

export interface ServerOptions {
  readonly settings: Settings
  readonly log: Log
  /** What relative native locations are relative to. */
  readonly workingFolder: string
}

export interface RunningServer {
  /** `http://localhost:8888`, with the port that was really taken. */
  readonly url: string
  /** Lets running requests finish, then stops everything. May be called again. */
  readonly close: () => Promise<void>
}

/** How long running requests may take once the server is told to stop (ms). */
const GRACE = 10_000
/** Starts a server. Resolves once it listens; throws `invalid-settings` where it cannot, and `repository-refused` where `clone-on-start` asks for a clone. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings } = options
  const busTls = settings.bus?.tls === undefined ? undefined : await busTlsOptions(settings.bus.tls)
  const claim = await claimFolders(options)
  try {
    return await startClaimed({ ...options, busTls }, claim.close)
  } catch (error) {
    await claim.close()
    throw error
  }
}

/** Starts in folders that are this server's alone; `release` is called once nothing writes there any more. */
async function startClaimed(options: ServerOptions & { readonly busTls: BusTls }, release: () => Promise<void>): Promise<RunningServer> {
  const { settings } = options
  const opened = openParts(options)
  const { app, changes, repositories } = opened
  let listening: Listening | undefined
  let closed: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    try {
      await opened.close(async () => listening?.close(GRACE))
    } finally {
      await release()
    }
  }
  const close = (): Promise<void> => {
    closed ??= stop()
    return closed
  }
  try {
    await cloneOnStart(settings.backends, repositories.all(), options.log)
    listening = await listen(app, settings.server, settings.users.length > 0 ? 'all' : 'loopback')
    changes.join(Number(new URL(listening.url).port))
    return { url: listening.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Opened {
  readonly app: RequestListener
  readonly changes: ChangePath
  readonly repositories: Repositories
  /** Lets nobody in any more, then closes what answers. */
  readonly close: (stopListening: () => Promise<void>) => Promise<void>
}

/** Everything but the port. */
function openParts({ settings, log, workingFolder, busTls }: ServerOptions & { readonly busTls: BusTls }): Opened {
  const { secrets, close: closeSecrets } = openSecrets(settings.encrypt, log)
  const parsed = createParsedFiles()
  const registry = new Registry()
  const counts = createChangeMetrics(registry)
  const changes = openChanges(settings, { parsed, log, busTls, counts })
  const repositories = createRepositories({
    settings,
    log,
    onOpened: (repository, { searchPaths }) => changes.watch({ ...repository, searchPaths }),
    onClosing: changes.forget,
    onFolder: changes.watchFolder,
    onMoved: changes.moved,
    onLooked: counts.onLooked,
  })
  const opened = openSource(settings, { trees: repositories.openers, parsed, log, workingFolder })
  const { badFiles } = opened
  const source = heedingWord(rememberingReaders(opened.source, changes.readers), changes.settled)
  const state = { closing: false }
  const health = createHealth({ source, badFiles, repositories: repositories.all, bus: changes.ring, isClosing: () => state.closing })
  measureState(registry, { repositories: repositories.all, bus: changes.ring })
  const { app, hooks } = openApp(settings, { source, secrets, changes, health, metrics: createMetrics(registry), counts, log })
  const close = async (stopListening: () => Promise<void>): Promise<void> => {
    state.closing = true
    await stopListening()
    hooks.close()
    closeSecrets()
    await changes.close()
    await source.close()
  }
  return { app, changes, repositories, close }
}

type BusTls = Awaited<ReturnType<typeof busTlsOptions>> | undefined

function openChanges(
  settings: Settings,
  { busTls, ...parts }: Pick<SourceParts, 'parsed' | 'log'> & { readonly busTls: BusTls; readonly counts: ChangeMetrics },
): ChangePath {
  const bus = settings.bus === undefined ? {} : { bus: { settings: settings.bus, openTransport: transportOpener(settings.bus, busTls) } }
  return createChangePath({ dataFolder: settings.dataFolder, ...parts, ...bus })
}

interface Answering {
  readonly source: Source
  readonly secrets: Secrets
  readonly changes: ChangePath
  readonly health: Health
  readonly metrics: Metrics
  readonly counts: ChangeMetrics
  readonly log: Log
}

function openApp(
  settings: Settings,
  { source, secrets, changes, health, metrics, counts, log }: Answering,
): { readonly app: RequestListener; readonly hooks: Hooks } {
  const { acceptEmpty, stripDocumentFromYaml, prefix, exposure, monitor, users } = settings
  const access = createAccess(users)
  const hooks = createHooks({ monitor, access, onHint: changes.hint, onDelivery: counts.onDelivery, log })
  const app = createApp({
    source,
    secrets,
    acceptEmpty,
    stripDocumentFromYaml,
    prefix,
    exposure,
    access,
    health,
    metrics,
    hooks,
    bus: createBusEndpoints(changes.ring),
    onFailure: (error, path) => log.warn({ path, ...fieldsOf(error) }, messageOf(error)),
  })
  return { app, hooks }
}

/** Notes who was served which plain-text file: a change of it concerns them. */
function rememberingReaders(source: Source, readers: ReadersRecord): Source {
  return {
    ...source,
    findFile: async (request, path) => {
      const found = await source.findFile(request, path)
      if (found !== undefined) readers.remember(path, request.applications)
      return found
    },
  }
}

function transportOpener({ ackTopic }: BusSettings, tls: BusTls): (url: string, options: TransportOptions) => Transport {
  const own = { ...(ackTopic === undefined ? {} : { ackTopic }), ...(tls === undefined ? {} : { tls }) }
  return (url, options) => openTransport(url, { ...options, ...own })
}
