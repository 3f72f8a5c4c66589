import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import {
  findRepository,
  type LoadedSettings,
  type Log,
  loadSettings,
  pathOfRepo,
  printSettings,
  type RunningServer,
  ServerError,
  startServer,
} from '@carillon/server'
import type { ArgumentsCamelCase } from 'yargs'
import { demoHints, prepareDemo } from './demo.js'
import { createLog } from './log.js'
import { closeOnSignals } from './signals.js'

/** What `carillon serve` was told. */
export interface ServeArguments {
  readonly repo: string | undefined
  readonly config: string | undefined
  readonly port: number | undefined
  readonly address: string | undefined
  readonly 'data-folder': string | undefined
  readonly 'log-level': string | undefined
  readonly bus: string | undefined
  readonly 'strict-compat': boolean | undefined
  readonly set: string[] | undefined
  readonly demo: string | undefined
  readonly 'print-settings': boolean | undefined
}

/** Serves until it is told to stop; or prints the settings. */
export async function serve(args: ArgumentsCamelCase<ServeArguments>): Promise<void> {
  const demo =
    args.demo === undefined
      ? undefined
      : await prepareDemo({ from: args.demo, dataFolder: args['data-folder'] ?? process.env.CARILLON_DATA_FOLDER ?? '.carillon' })
  const loaded = await load(args, demo?.repository ?? args.repo)
  if (args['print-settings']) {
    process.stdout.write(`${printSettings(loaded)}\n`)
    return
  }
  const { settings } = loaded
  const log = await createLog(settings.log.level)
  for (const warning of loaded.warnings) log.warn({}, warning)
  if (settings.users.length === 0 && settings.server.address !== undefined && !isLoopback(settings.server.address)) {
    log.warn(
      { address: settings.server.address },
      'no credentials are set and other machines can connect: set spring.security.user.name and .password',
    )
  }
  const server = await startServer({ settings, log, workingFolder: process.cwd() })
  log.info(
    { url: server.url, repositories: settings.backends.map(describeBackend) },
    `Carillon serves ${settings.backends.map(describeBackend).join(', ')} on ${server.url}`,
  )
  if (demo !== undefined) process.stdout.write(demoHints(server.url, demo.repository))
  await stopped(server, log)
}

async function load(args: ServeArguments, repo: string | undefined): Promise<LoadedSettings> {
  const place = await placeOf(repo)
  const file = args.config === undefined ? undefined : await readSettings(args.config)
  try {
    return loadSettings({
      ...(place.repo === undefined ? {} : { repo: place.repo }),
      ...(file === undefined ? {} : { file }),
      env: process.env,
      flags: flagsOf(args, place.inside),
      probe: () => place.kind,
      read: readFileSync,
    })
  } catch (error) {
    throw asInvalidSettings(error)
  }
}

/** A settings file that cannot be parsed is a mistake in the settings, whatever the parser calls it. */
function asInvalidSettings(error: unknown): unknown {
  if (!(error instanceof ServerError) || error.code === 'invalid-settings') return error
  return new ServerError('invalid-settings', error.message, { ...error.place, cause: error })
}

interface Place {
  readonly repo: string | undefined
  readonly kind: 'git' | 'folder' | 'absent'
  /** The folder below the repository's root that REPO named. */
  readonly inside: string
}

async function placeOf(repo: string | undefined): Promise<Place> {
  if (repo === undefined || /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(repo)) return { repo, kind: 'absent', inside: '' }
  const found = await findRepository(pathOfRepo(repo))
  if (found.kind === 'work-tree' || found.kind === 'bare') return { repo: found.root, kind: 'git', inside: found.inside }
  return { repo, kind: found.kind, inside: '' }
}

async function readSettings(path: string): Promise<{ path: string; bytes: Uint8Array }> {
  try {
    return { path, bytes: await readFile(path) }
  } catch (cause) {
    throw new ServerError('invalid-settings', `The settings file '${path}' cannot be read.`, { file: path, cause })
  }
}

function flagsOf(args: ServeArguments, inside: string): ReadonlyMap<string, string> {
  const flags = new Map<string, string>()
  const add = (key: string, value: string | number | boolean | undefined): unknown =>
    value === undefined ? undefined : flags.set(key, String(value))
  if (inside !== '') add('spring.cloud.config.server.git.search-paths', inside)
  for (const pair of args.set ?? []) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new ServerError('invalid-settings', `--set ${pair}: expected KEY=VALUE.`)
    add(pair.slice(0, equals), pair.slice(equals + 1))
  }
  add('server.port', args.port)
  add('server.address', args.address)
  add('carillon.bus.url', args.bus)
  add('carillon.data-folder', args['data-folder'])
  add('carillon.log-level', args['log-level'])
  add('carillon.strict-compat', args['strict-compat'])
  return flags
}

function describeBackend(backend: LoadedSettings['settings']['backends'][number]): string {
  return backend.type === 'git' ? backend.uri.replace(/\/\/[^/@]*@/, '//') : `${backend.searchLocations.join(', ')} (native)`
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.')
}

/** Ends when the server was told to stop by a signal and has stopped. */
async function stopped(server: RunningServer, log: Log): Promise<void> {
  const signal = await closeOnSignals()
  log.info({ signal }, `${signal}: finishing running requests`)
  await server.close()
}
