import type { RsaOptions } from '@carillon/environment/ciphers'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { BusLink } from './bus-link.js'
import type { Json } from './json.js'

/** What `load` takes. Everything has a default or a `CARILLON_*` variable. */
export interface LoadOptions<S extends StandardSchemaV1 | undefined = undefined> {
  /** The application, or several, the last one the strongest. [env: CARILLON_NAME; default: application] */
  readonly name?: string | readonly string[]
  /** [env: CARILLON_PROFILES; default: default] */
  readonly profiles?: string | readonly string[]
  /** A branch, tag or commit; of several the first that the server has. [env: CARILLON_LABEL; default: the server's] */
  readonly label?: string | readonly string[]
  /** One or more servers; `user:password@` is Basic. [env: CARILLON_URI; default: http://localhost:8888] */
  readonly uri?: string | readonly string[] | Discovery
  /** Any Standard Schema (zod, valibot, arktype, `jsonSchema()` of `@carillon/client/json-schema`): checks and types the values. */
  readonly schema?: S | undefined
  /** Binds only what is below this key. */
  readonly prefix?: string
  /** Whether a start without any configuration is an error (default), or goes on with `defaults`, as Spring's `optional:`. */
  readonly required?: boolean
  readonly auth?: Auth
  readonly tls?: Tls
  readonly headers?: Readonly<Record<string, string>>
  /** Takes the place of the built-in HTTP client; `tls` is then its own affair. */
  readonly fetch?: typeof globalThis.fetch
  /** Milliseconds: to connect (2,000), to wait for a whole answer (10,000), for the whole start (30,000). */
  readonly timeouts?: Timeouts
  /** Pauses between rounds, with full jitter: 250 ms, doubled up to 10 s. `false`: one round. */
  readonly retry?: Retry | false
  /** When the next server is asked: after any failure (default), or only where no answer came, as Spring's `multiple-uri-strategy`. */
  readonly failover?: 'always' | 'connection-only'
  /** Which server is asked first: in the order given (default), or a random one, drawn for each question. */
  readonly balance?: 'ordered' | 'random'
  /** Keys for `{cipher}` values, of a server that is told not to decrypt them. [env: CARILLON_ENCRYPT_KEY, ENCRYPT_KEY and Spring's other `ENCRYPT_*`] */
  readonly decrypt?: DecryptOptions
  /** Keeps the last known good answer on disk, for a start without any server. */
  readonly snapshot?: false | SnapshotOptions
  /** Under all other sources; nested or flat keys. */
  readonly defaults?: Readonly<Record<string, Json>>
  readonly local?: LocalOptions
  readonly refresh?: false | RefreshOptions
  /** Warnings and errors go to the console by default, the rest nowhere. */
  readonly logger?: Logger
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** From 0 up to 1; for jitter. */
  readonly random?: () => number
}

/** `bearer` as a function is asked for each question, and once more after a 401. */
export type Auth = { readonly username: string; readonly password: string } | { readonly bearer: string | (() => string | Promise<string>) }

/** PEM. */
export interface Tls {
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
}

/** Milliseconds. */
export interface Timeouts {
  readonly connectMs?: number
  readonly readMs?: number
  readonly startupMs?: number
}

export interface Retry {
  readonly baseMs?: number
  readonly factor?: number
  readonly maxMs?: number
}

export interface SnapshotOptions {
  /** A folder. [env: CARILLON_SNAPSHOT_FOLDER; default: `.carillon/snapshots` in the working folder] */
  readonly folder?: string
  /** Milliseconds since it was written; older ones are not used. Default: no limit. */
  readonly maxAgeMs?: number
  /** Encrypts with AES-256-GCM: 32 bytes in hex or base64, or a passphrase. [env: CARILLON_SNAPSHOT_KEY] */
  readonly encryptKey?: string
}

/** One of `key`, `keyFile` and `keyStore`, as the server has them; where it is named here, variables do not count. */
export interface DecryptOptions {
  /** A password, or an RSA key in PEM. [env: CARILLON_ENCRYPT_KEY, ENCRYPT_KEY] */
  readonly key?: string
  /** A file with one; read at the start. [env: CARILLON_ENCRYPT_KEY_FILE] */
  readonly keyFile?: string
  readonly keyStore?: DecryptKeyStore
  /** More keys by the ids that texts name with `{key:ID}`. Texts that name none are tried with them, too. */
  readonly keys?: Readonly<Record<string, string>>
  /** Of a password, in hex. [env: ENCRYPT_SALT; default: deadbeef] */
  readonly salt?: string
  /** For keys of a store. [env: ENCRYPT_RSA_ALGORITHM, ENCRYPT_RSA_STRONG, ENCRYPT_RSA_SALT; default: Spring's] */
  readonly rsa?: RsaOptions
  /**
   * What a value becomes that counts and cannot be decrypted: it refuses the whole configuration (default), is left out, with all weaker values of its key
   * (and of its list) hidden, or stays a cipher text. [env: ENCRYPT_FAIL_ON_ERROR=false: omit]
   */
  readonly failed?: 'refuse' | 'omit' | 'keep'
}

/** PKCS#12 or JKS. */
export interface DecryptKeyStore {
  /** A path, or a `file:` address. [env: ENCRYPT_KEYSTORE_LOCATION] */
  readonly file: string
  /** [env: CARILLON_KEY_STORE_PASSWORD, ENCRYPT_KEYSTORE_PASSWORD] */
  readonly password: string
  /** [env: ENCRYPT_KEYSTORE_ALIAS] */
  readonly alias: string
  /** Of the key, where it is not that of the store. [env: CARILLON_KEY_STORE_SECRET, ENCRYPT_KEYSTORE_SECRET] */
  readonly secret?: string
}

export interface LocalOptions {
  /** Default: `process.env`. A variable counts where it names a key that another source or the schema knows. */
  readonly env?: Readonly<Record<string, string | undefined>> | false
  /** Default: `process.argv.slice(2)`. Counts as `--db.pool-max=5`. */
  readonly argv?: readonly string[] | false
  /** Whether argv and env beat the server (default), or the server beats them. */
  readonly wins?: boolean
}

export interface RefreshOptions {
  /** `amqp(…)` of `@carillon/client/amqp`, `kafka(…)` of `@carillon/client/kafka`. */
  readonly bus?: BusLink
  /** Between two checks, give or take a fifth (default 60,000 ms); 0 turns it off. */
  readonly pollMs?: number
  /** The least time between the starts of two questions (default 250 ms). The first event is never held back. */
  readonly debounceMs?: number
  /** Up to how long an instance waits after an event, at random, so that a thousand do not ask at once (default 0 ms). */
  readonly splayMs?: number
  /** Keys (and all below them) that keep their values until a restart. */
  readonly pinned?: readonly string[]
}

export type Logger = Pick<Console, 'debug' | 'info' | 'warn' | 'error'>

/** Time, so that tests need none. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after so many milliseconds; rejects with the signal's reason when that is aborted. Keeps no process alive. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/** Where servers are found, asked before each round. */
export interface Discovery {
  readonly resolve: (signal: AbortSignal) => Promise<readonly DiscoveredServer[]>
}

/** `metadata` as Spring's discovery reads it: `configPath` is appended to the uri, `user` and `password` are Basic. */
export interface DiscoveredServer {
  readonly uri: string
  readonly metadata?: Readonly<Record<string, string>>
}
