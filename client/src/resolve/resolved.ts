import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Origin, Provenance } from '../config.js'
import type { Json, Leaf } from '../json.js'
import type { OnLost } from './lost.js'

/** Values of one place, such as one property source of the server. */
export interface Layer {
  readonly kind: Origin['kind']
  readonly source: string
  readonly commit?: string
  readonly properties: ReadonlyMap<string, LayerValue>
}

export interface LayerValue {
  readonly value: Leaf
  /** Why there is no telling what it is: a cipher text that cannot be decrypted. It counts where a value would, and is none. */
  readonly lost?: string
  readonly line?: number
  readonly column?: number
}

/** What `resolve` takes. */
export interface Resolving {
  /** Strongest first, without argv and env. What a bus announced stands over those, too. */
  readonly layers: readonly Layer[]
  readonly local: Local
  readonly schema?: StandardSchemaV1 | undefined
  /** Binds only what is below this key. */
  readonly prefix?: string | undefined
  /** Keys that keep what they had. */
  readonly pinned?: Pinned | undefined
  /** What becomes of a lost value that counts: an error (default), or none at all. */
  readonly lost?: OnLost | undefined
  /** Earlier values, of which every equal part is taken again: `===` tells whether something changed. */
  readonly previous?: unknown
}

/** `argv` and `env` as they are; `place` says whether they stand over or under what the server sent (never under the defaults). */
export interface Local {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly argv: readonly string[]
  readonly place: 'over-remote' | 'under-remote'
}

/** Keys, with all that is below them, that are taken from an earlier resolution. */
export interface Pinned {
  readonly keys: readonly string[]
  readonly from: Resolved
}

/** Configuration that is merged, filled in and checked. */
export interface Resolved {
  /** What the schema made of it, or the nested values; deeply frozen where it is made of plain objects and lists. */
  readonly values: unknown
  /** Spring's flat keys in the spelling of their strongest source, with placeholders filled in. */
  readonly flat: ReadonlyMap<string, Json>
  readonly explain: (path: string) => Provenance | undefined
  /** The value at a path in any relaxed spelling; argv and env are asked for what no other source has. `undefined`: there is none. */
  readonly find: (path: string) => { readonly value: unknown } | undefined
  /** The nearest paths to one that has no value, at most three. */
  readonly nearest: (path: string) => readonly string[]
  /** Pinned keys whose new values differ from what was kept. */
  readonly heldBack: readonly string[]
  /** Things that are odd, but no error: placeholders that nobody fills, keys that cover each other. They name keys, never values. */
  readonly warnings: readonly string[]
}
