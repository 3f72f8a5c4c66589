import type { StandardSchemaV1 } from '@standard-schema/spec'
import { distance } from 'fastest-levenshtein'
import { systemClock } from './clock.js'
import { type DecryptPlan, decryptPlan } from './decrypt/plan.js'
import { ConfigError } from './errors.js'
import type { Discovery, LoadOptions, RefreshOptions } from './options.js'
import type { Surroundings } from './surroundings.js'

type Options = LoadOptions<StandardSchemaV1 | undefined>

/** Options with every default filled in. */
export interface Plan extends Omit<Options, 'name' | 'label' | 'uri' | 'refresh' | 'snapshot' | 'decrypt' | 'local'> {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
  readonly labels: readonly string[]
  readonly servers: readonly string[] | Discovery
  readonly required: boolean
  readonly startupMs: number
  readonly snapshot: { readonly folder: string; readonly maxAgeMs?: number; readonly encryptKey?: string } | undefined
  readonly decrypt: DecryptPlan
  readonly local: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly argv: readonly string[]
    readonly place: 'over-remote' | 'under-remote'
  }
  readonly refresh: (Required<Omit<RefreshOptions, 'bus'>> & Pick<RefreshOptions, 'bus'>) | undefined
  readonly logger: NonNullable<Options['logger']>
  readonly clock: NonNullable<Options['clock']>
  readonly random: () => number
}

const OPTIONS: readonly (keyof Options)[] = [
  'name',
  'profiles',
  'label',
  'uri',
  'schema',
  'prefix',
  'required',
  'auth',
  'tls',
  'headers',
  'fetch',
  'timeouts',
  'retry',
  'failover',
  'balance',
  'decrypt',
  'snapshot',
  'defaults',
  'local',
  'refresh',
  'logger',
  'signal',
  'clock',
  'random',
]

const REFRESH = { pollMs: 60_000, debounceMs: 250, splayMs: 0, pinned: [] }

/** Fills options in from the environment and the defaults. Throws 'bad-options' for a name that is no option, and for values that cannot be meant. */
export function planOf(options: Options, around: Surroundings): Plan {
  refuseUnknown(options)
  const { env } = around
  const { name, profiles, label, uri, refresh = {}, snapshot = false, local = {}, ...rest } = options
  const plan: Plan = {
    ...rest,
    names: listOf(name ?? env.CARILLON_NAME, ['application']),
    profiles: listOf(profiles ?? env.CARILLON_PROFILES, ['default']),
    labels: listOf(label ?? env.CARILLON_LABEL, []),
    servers: isDiscovery(uri) ? uri : listOf(uri ?? env.CARILLON_URI, ['http://localhost:8888']),
    required: options.required ?? true,
    startupMs: options.timeouts?.startupMs ?? 30_000,
    snapshot: snapshot === false ? undefined : snapshotOf(snapshot, env),
    decrypt: decryptPlan(options.decrypt, env),
    local: localOf(local, around),
    refresh: refresh === false ? undefined : { ...REFRESH, ...refresh },
    logger: options.logger ?? around.logger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
  refuseTimes({ ...options.timeouts, ...plan.refresh, ...plan.snapshot })
  return plan
}

function snapshotOf(snapshot: Exclude<NonNullable<Options['snapshot']>, false>, env: Surroundings['env']): NonNullable<Plan['snapshot']> {
  const encryptKey = snapshot.encryptKey ?? env.CARILLON_SNAPSHOT_KEY
  return {
    ...(snapshot.maxAgeMs === undefined ? {} : { maxAgeMs: snapshot.maxAgeMs }),
    ...(encryptKey === undefined ? {} : { encryptKey }),
    folder: snapshot.folder ?? env.CARILLON_SNAPSHOT_FOLDER ?? '.carillon/snapshots',
  }
}

function localOf({ env, argv, wins = true }: NonNullable<Options['local']>, around: Surroundings): Plan['local'] {
  return {
    env: env === false ? {} : (env ?? around.env),
    argv: argv === false ? [] : (argv ?? around.argv),
    place: wins ? 'over-remote' : 'under-remote',
  }
}

function isDiscovery(uri: Options['uri']): uri is Discovery {
  return typeof uri === 'object' && 'resolve' in uri
}

/** Texts may hold several, with commas between them, as Spring's settings do. */
function listOf(given: string | readonly string[] | undefined, otherwise: readonly string[]): readonly string[] {
  const texts = typeof given === 'string' ? given.split(',') : (given ?? [])
  const list = texts.map((text) => text.trim()).filter((text) => text !== '')
  return list.length > 0 ? list : otherwise
}

function refuseUnknown(options: object): void {
  for (const key of Object.keys(options)) {
    if (OPTIONS.some((option) => option === key)) continue
    const near = OPTIONS.filter((option) => distance(option, key) <= 2)
    const hint = near.length > 0 ? `Did you mean '${near.join("' or '")}'?` : `There are: ${OPTIONS.join(', ')}.`
    throw new ConfigError('bad-options', `load() got an option '${key}' that it does not know.`, { hint })
  }
}

function refuseTimes(times: object): void {
  for (const [key, value] of Object.entries(times)) {
    if (!key.endsWith('Ms') || value === undefined || (Number.isFinite(value) && value >= 0)) continue
    throw new ConfigError('bad-options', `load() got ${String(value)} as '${key}', expected milliseconds, 0 or more.`)
  }
}
