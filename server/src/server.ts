import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { PropertySource } from '@carillon/environment'
import { createAccess } from './http/access.js'
import { createApp } from './http/app.js'
import type { Health, HealthComponent } from './http/health.js'
import { createMetrics } from './http/metrics.js'
import { listen } from './listen.js'
import type { RepositorySettings, Settings } from './settings/settings.js'
import { openBackend, type TreeOpeners } from './sources/backends.js'
import { createComposite } from './sources/composite.js'
import type { SourceContext } from './sources/context.js'
import { createMemo } from './sources/memo.js'
import { withOverrides } from './sources/overrides.js'
import { createParsedFiles } from './sources/parsed-files.js'
import type { Source } from './sources/source.js'
import { type GitTree, openGitTree } from './trees/git/index.js'
import { openNativeTree } from './trees/native/index.js'

/** Where the server says what matters; pino's logger fits. Fields come first, then the message. */
export interface Log {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

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
/** Room for environments: lists of references to parsed documents (bytes). */
const ENVIRONMENTS = 32 * 1024 * 1024
const BYTES_PER_SOURCE = 256

/** Starts a server. Resolves once it listens; throws `invalid-settings` where it cannot, and what cloning throws where `clone-on-start` asks for it. */
export async function startServer({ settings, log, workingFolder }: ServerOptions): Promise<RunningServer> {
  const repositories = new Map<string, GitTree>()
  const source = openSource(settings, { trees: treeOpeners({ settings, log, repositories }), log, workingFolder })
  const state = { closing: false }
  const app = createApp({
    source,
    acceptEmpty: settings.acceptEmpty,
    stripDocumentFromYaml: settings.stripDocumentFromYaml,
    prefix: settings.prefix,
    exposure: settings.exposure,
    access: createAccess(settings.users),
    health: healthOf(source, repositories, state),
    metrics: createMetrics(),
    onFailure: (error, path) => log.warn({ path, ...fieldsOf(error) }, messageOf(error)),
  })
  try {
    await cloneOnStart(settings, repositories)
    const listening = await listen(app, settings.server, settings.users.length > 0 ? 'all' : 'loopback')
    let closed: Promise<void> | undefined
    const close = async (): Promise<void> => {
      state.closing = true
      await listening.close(GRACE)
      await source.close()
    }
    return {
      url: listening.url,
      close: () => {
        closed ??= close()
        return closed
      },
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

interface Parts {
  readonly trees: TreeOpeners
  readonly log: Log
  readonly workingFolder: string
}

function openSource(settings: Settings, { trees, log, workingFolder }: Parts): Source {
  const locationOrder = settings.reverseLocationOrder ? 'reversed' : 'listed'
  const onTrouble = (message: string, error: unknown): void => log.warn(fieldsOf(error), `${message}: ${messageOf(error)}`)
  const environments = createMemo<readonly PropertySource[]>({
    maxBytes: ENVIRONMENTS,
    weigh: (sources) => BYTES_PER_SOURCE * (sources.length + 1),
  })
  const context: SourceContext = { parsed: createParsedFiles(), environments, locationOrder, onTrouble }
  const members = settings.backends.map((backend) => openBackend(backend, { trees, context, workingFolder }))
  const onFailure = settings.failOnCompositeError ? 'fail' : 'skip'
  return withOverrides(createComposite({ members, onFailure, locationOrder, onTrouble }), settings.overrides)
}

interface Repositories {
  readonly settings: Settings
  readonly log: Log
  /** Every Git repository that was opened, by its address and what decides how it is fetched. */
  readonly repositories: Map<string, GitTree>
}

/** One tree for each repository, however many patterns and backends name it. */
function treeOpeners({ settings, log, repositories }: Repositories): TreeOpeners {
  return {
    native: (folder) => openNativeTree({ folder }),
    git: (repository, uri) => {
      const key = JSON.stringify([uri, repository.username, repository.defaultLabel, repository.refreshRate])
      const known = repositories.get(key)
      if (known !== undefined) return known
      const shown = uri.replace(/\/\/[^/@]*@/, '//')
      const tree = openGitTree({
        ...repository,
        uri,
        folder: join(repository.basedir ?? join(settings.dataFolder, 'repositories'), cloneName(repository, uri)),
        onMove: (label, from, to) => log.info({ repository: shown, label, commit: to }, moveMessage(label, from, to)),
        onTrouble: (error) => log.warn({ repository: shown, ...fieldsOf(error) }, messageOf(error)),
      })
      const opened: GitTree = {
        ...tree,
        close: async () => {
          repositories.delete(key)
          await tree.close()
        },
      }
      repositories.set(key, opened)
      return opened
    },
  }
}

/** A folder's name that says whose clone it is and differs for every address and user. */
function cloneName({ username = '' }: RepositorySettings, uri: string): string {
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

/** Waits for the first clones that the settings ask for at start; one that fails stops the start. */
async function cloneOnStart({ backends }: Settings, repositories: ReadonlyMap<string, GitTree>): Promise<void> {
  const wanted = backends
    .flatMap((backend) => (backend.type === 'git' ? [backend, ...backend.repos] : []))
    .filter((repository) => repository.cloneOnStart)
  for (const { timeout } of wanted.slice(0, 1)) {
    await Promise.all([...repositories.values()].map((tree) => tree.fetch(AbortSignal.timeout(timeout * 60_000))))
  }
}

function healthOf(source: Source, repositories: ReadonlyMap<string, GitTree>, state: { readonly closing: boolean }): Health {
  return {
    ready: () => !state.closing && (repositories.size === 0 || [...repositories.values()].some((tree) => tree.status().state === 'ready')),
    components: async () => ({ configServer: await configServerHealth(source), ...gitHealth(repositories) }),
  }
}

/** As Spring does it: a look-up of `app/default`. */
async function configServerHealth(source: Source): Promise<HealthComponent> {
  const repository = { name: 'app', profiles: ['default'], label: null }
  try {
    const { propertySources } = await source.find({ applications: ['app'], profiles: ['default'] })
    const sources = propertySources.map(({ name }) => name)
    return { status: 'UP', details: { repositories: [{ ...repository, ...(sources.length === 0 ? {} : { sources }) }] } }
  } catch (error) {
    return { status: 'DOWN', details: { repository: { application: 'app', profiles: 'default' }, error: messageOf(error) } }
  }
}

/** A repository that cannot be fetched is served as it was, so it is no reason to take the server out of service: its trouble stands in the details. */
function gitHealth(repositories: ReadonlyMap<string, GitTree>): Readonly<Record<string, HealthComponent>> {
  if (repositories.size === 0) return {}
  const details = Object.fromEntries(
    [...repositories].map(([key, tree]) => {
      const { lastFetch, ...status } = tree.status()
      const uri = String((JSON.parse(key) as unknown[])[0]).replace(/\/\/[^/@]*@/, '//')
      return [uri, { ...status, ...(lastFetch === undefined ? {} : { lastFetch: new Date(lastFetch).toISOString() }) }]
    }),
  )
  return { git: { status: 'UP', details } }
}

function fieldsOf(error: unknown): object {
  if (!(error instanceof Error)) return {}
  if ('place' in error && 'code' in error) return { code: error.code, ...(error.place as object) }
  return { stack: error.stack }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
