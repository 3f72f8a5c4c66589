import { readFile } from 'node:fs/promises'
import { ConfigError } from '../errors.js'
import type { Auth, LoadOptions, SnapshotOptions, Tls } from '../options.js'

type Variables = Readonly<Record<string, string | undefined>>

/** What variables say to `register`, beside those that `load` reads itself. */
export interface RegisterOptions {
  readonly load: LoadOptions
  /** Stands before each name. */
  readonly prefix: string
  /** Whose value a variable has that is there already. */
  readonly wins: 'own' | 'configuration'
}

/** Throws 'bad-options' for what cannot be meant, and for files that cannot be read. */
export async function registerOptions(env: Variables): Promise<RegisterOptions> {
  const wins = isTrue(env, 'CARILLON_OVERRIDE', false) ? 'configuration' : 'own'
  const prefix = env.CARILLON_ENV_PREFIX ?? ''
  const startupMs = numberOf(env, 'CARILLON_STARTUP_MS')
  const [auth, tls, snapshot] = [authOf(env), await tlsOf(env), snapshotOf(env)]
  const load: LoadOptions = {
    required: isTrue(env, 'CARILLON_REQUIRED', true),
    // Placeholders may name variables. Those that keep their values decide for what is made of them, too; behind a prefix none has the name of a key.
    local: { argv: false, wins: wins === 'own' && prefix === '' },
    refresh: false,
    ...(startupMs === undefined ? {} : { timeouts: { startupMs } }),
    ...(auth === undefined ? {} : { auth }),
    ...(tls === undefined ? {} : { tls }),
    ...(snapshot === undefined ? {} : { snapshot }),
  }
  return { load, prefix, wins }
}

function isTrue(env: Variables, name: string, otherwise: boolean): boolean {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ConfigError('bad-options', `Got ${name}=${text}, expected true or false.`)
}

function numberOf(env: Variables, name: string): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  if (!/^\d+$/.test(text)) throw new ConfigError('bad-options', `Got ${name}=${text}, expected milliseconds.`)
  return Number(text)
}

function authOf({ CARILLON_TOKEN: bearer, CARILLON_USERNAME: username, CARILLON_PASSWORD: password }: Variables): Auth | undefined {
  if (bearer !== undefined && username !== undefined)
    throw new ConfigError('bad-options', 'CARILLON_TOKEN and CARILLON_USERNAME are both set, expected one of them.')
  if (bearer !== undefined) return { bearer }
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined)
    throw new ConfigError('bad-options', 'CARILLON_USERNAME and CARILLON_PASSWORD belong together, and one of them is not set.')
  return { username, password }
}

async function tlsOf(env: Variables): Promise<Tls | undefined> {
  const files = { ca: 'CARILLON_CA_CERT', cert: 'CARILLON_CERT', key: 'CARILLON_CERT_KEY' }
  const given = Object.entries(files).filter(([, name]) => env[name] !== undefined)
  if (given.length === 0) return undefined
  return Object.fromEntries(await Promise.all(given.map(async ([part, name]) => [part, await readPem(name, env[name] ?? '')])))
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('bad-options', `The file ${path} of ${name} cannot be read.`, { cause })
  }
}

/** The folder and the key are read by `load`. */
function snapshotOf(env: Variables): SnapshotOptions | undefined {
  const maxAgeMs = numberOf(env, 'CARILLON_SNAPSHOT_MAX_AGE_MS')
  if ([env.CARILLON_SNAPSHOT_FOLDER, env.CARILLON_SNAPSHOT_KEY, maxAgeMs].every((given) => given === undefined)) return undefined
  return maxAgeMs === undefined ? {} : { maxAgeMs }
}
