/**
 * A leaf of configuration, typed as the file that holds it says. An integer is a `bigint`, so that it stays exact
 * whatever its size; a `number` is always a double, so that `1.0` and `1` stay two things. A YAML null is `''`, bytes come from `!!binary`.
 */
export type Scalar = string | boolean | bigint | number | Uint8Array

/** Where a value stands: a place in a file (line and column from 1; column 0 where there is no value), or a phrase for a value that no file holds. */
export type PropertyOrigin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'text'; readonly text: string }

/** One value with its origin. `origin` is absent where the format does not tell (Java XML properties). */
export interface Property {
  readonly value: Scalar
  readonly origin?: PropertyOrigin
}

/** One document of one file that applies to a request: flat keys in the order of the file. */
export interface PropertySource {
  readonly name: string
  readonly properties: ReadonlyMap<string, Property>
}

/** The answer to a request: its property sources, strongest first. `null` where Spring's wire format says `null`. */
export interface Environment {
  readonly name: string
  readonly profiles: readonly string[]
  readonly label: string | null
  readonly version: string | null
  readonly state: string | null
  readonly propertySources: readonly PropertySource[]
}
