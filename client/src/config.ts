import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ConfigError } from './errors.js'
import type { Json } from './json.js'
import type { ValueAt, ValuePath } from './paths.js'

/** Live configuration: what `load` returns. `T` is what the schema makes of the values. */
export interface Config<T> extends AsyncDisposable {
  /** Frozen, and replaced as a whole: keep the object for one request, and the request sees one configuration. */
  readonly values: Readonly<T>
  readonly version: Version
  readonly status: Status
  /** The value at a path such as `db.pool.max`, in any relaxed spelling. Throws 'no-such-key' with the nearest keys. */
  get<P extends ValuePath<T>>(path: P): ValueAt<T, P>
  /** The value at a path, or the fallback where there is none. */
  get<P extends ValuePath<T>, D>(path: P, fallback: D): NonNullable<ValueAt<T, P>> | D
  has(path: string): boolean
  /** Spring's flat keys (`a.b[0].c`), placeholders filled in, before the schema. */
  flat(): ReadonlyMap<string, Json>
  /** Where the value of a flat key comes from, and what it covers; `undefined` for a key that nobody gives. */
  explain(path: string): Provenance | undefined
  /** Asks the server now. Trouble is a result, not a rejection. */
  refresh(options?: { readonly signal?: AbortSignal }): Promise<RefreshResult>
  on<E extends keyof ConfigEvents<T>>(event: E, listener: (fact: ConfigEvents<T>[E]) => void): Subscription
  /** Calls back after each change of the value at a path. A listener that throws is told as an `error` and disturbs nobody else. */
  watch<P extends ValuePath<T>>(path: P, listener: (now: ValueAt<T, P>, was: ValueAt<T, P>, change: Change<T>) => void): Subscription
  /**
   * Something made of the values, such as a pool, that is made anew when one of the paths changes. The new one is made before the values are replaced: if
   * that fails, the refresh is rejected and the old one stays. The old one goes to `dispose` afterwards.
   */
  live<P extends ValuePath<T>, R>(
    paths: P | readonly P[],
    make: (values: Readonly<T>) => R | Promise<R>,
    dispose?: (old: R) => void | Promise<void>,
  ): Promise<Live<R>>
  /** Environment variables: `db.pool-max` is `DB_POOL_MAX`; lists are `HOSTS_0`. */
  toEnv(options?: EnvOptions): Record<string, string>
  health(): Health
  /** Idempotent. Ends polling, the bus and all that `live` made; the values stay readable. */
  close(): Promise<void>
}

export interface EnvOptions {
  /** Stands before each name as it is. */
  readonly prefix?: string
  /** Only these keys and what is below them. */
  readonly pick?: readonly string[]
  /** Hears of two keys with two values for one variable; the first one counts. Without it `toEnv` throws 'bad-options'. */
  readonly onClash?: (clash: EnvClash) => void
}

/** Two keys that become one variable, such as `a.b-c` and `a.b.c`. */
export interface EnvClash {
  readonly variable: string
  readonly keys: readonly [string, string]
}

/** What a server said that the values are. */
export interface Version {
  /** The commits that were read, with commas between them; empty where the server names none. */
  readonly commit: string
  /** The label as asked for; empty for the server's default. */
  readonly label: string
  /** What the answer means: equal digests, equal values. The server's; for a server that sends none one that this process alone knows. */
  readonly digest: string
}

export interface Status {
  /** Where the values come from that are in use now. */
  readonly source: 'server' | 'snapshot' | 'defaults'
  readonly bus: 'connected' | 'connecting' | 'off'
  /** The version in use, and a newer one that was refused, could not be read, or cannot be served (then it has no digest). */
  readonly applied: Version
  readonly wanted?: Version
  /** The last check failed, its answer was refused, or the server cannot serve the newest commit: there may be something newer. */
  readonly stale: boolean
  readonly lastCheck?: Date
  readonly lastError?: ConfigError
  /** Pinned keys whose new values wait for a restart. */
  readonly restartRequired: readonly string[]
  readonly closed: boolean
}

export interface Health {
  /** UP; DEGRADED while the values may be old; DOWN once closed. */
  readonly status: 'UP' | 'DEGRADED' | 'DOWN'
  readonly details: Status
}

export type RefreshCause = 'bus' | 'poll' | 'reconnect' | 'manual' | 'retry'

export interface KeyChange {
  readonly op: 'add' | 'set' | 'del'
  readonly was?: Json
  readonly now?: Json
}

export interface Change<T> {
  readonly from: Version
  readonly to: Version
  readonly previous: Readonly<T>
  readonly current: Readonly<T>
  /** By flat key. */
  readonly changes: ReadonlyMap<string, KeyChange>
  readonly cause: RefreshCause
  readonly restartRequired: readonly string[]
  /** W3C, from the event that caused it. */
  readonly traceparent?: string
}

/** A version that was refused as a whole. `issues` are in the schema's words and may hold values. */
export interface Rejected {
  readonly version: Version
  readonly issues: readonly StandardSchemaV1.Issue[]
}

export interface ConfigEvents<T> {
  readonly change: Change<T>
  readonly rejected: Rejected
  readonly error: ConfigError
  readonly status: Status
}

export type RefreshResult =
  | { readonly status: 'unchanged'; readonly version: Version }
  | {
      readonly status: 'applied'
      readonly version: Version
      /** Flat keys. */
      readonly keys: readonly string[]
      readonly restartRequired: readonly string[]
    }
  | ({ readonly status: 'rejected' } & Rejected)
  | { readonly status: 'failed'; readonly error: ConfigError }

export interface Provenance {
  readonly path: string
  readonly value: Json
  readonly origin: Origin
  /** What the value covers, strongest first. */
  readonly overridden: readonly { readonly value: Json; readonly origin: Origin }[]
}

/** Where a value was given. Lines and columns from 1, where the server tells them. */
export interface Origin {
  /** `override` is the server's own, `bus` a value that an event announced. */
  readonly kind: 'bus' | 'arg' | 'env' | 'override' | 'remote' | 'default'
  /** The argument, the variable, the property source, `bus` or `defaults`. */
  readonly source: string
  readonly line?: number
  readonly column?: number
  readonly commit?: string
}

/** Ends with `close()`, or with `using`. */
export interface Subscription extends Disposable {
  close(): void
}

export interface Live<R> extends AsyncDisposable {
  readonly current: R
  /** Idempotent. Disposes what is current. */
  close(): Promise<void>
}
