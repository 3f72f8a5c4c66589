import { createHash } from 'node:crypto'
import { digestOf } from '@carillon/environment'
import { flatten } from '../flatten.js'
import type { Json, Leaf } from '../json.js'

/** Values by whom they are for: `orders`, `orders/prod`, `orders@feature`, `orders/prod@feature`; nested or flat. `application` is for all. */
export type FakeApps = Readonly<Record<string, Readonly<Record<string, Json>>>>

/** What is asked for. */
export interface FakeView {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
  readonly label: string
}

/** A property source, as it is when it is asked for. */
export interface FakeSource {
  readonly name: string
  readonly properties: ReadonlyMap<string, Leaf>
}

/** Property sources in Spring's order, strongest first: later profiles and names before earlier ones, `application` after every name. */
export function sourcesOf(apps: ReadonlyMap<string, FakeApps[string]>, { names, profiles, label }: FakeView): readonly FakeSource[] {
  const everybody = ['application', ...names.filter((name) => name !== 'application')].reverse()
  const places = [...[...profiles].reverse().map((profile) => `/${profile}`), '']
  const keys = places.flatMap((place) => everybody.flatMap((name) => [`${name}${place}@${label}`, name + place]))
  return keys.flatMap((key) => {
    const values = apps.get(key)
    return values === undefined ? [] : [{ name: `fake:${key.replace(/^([^/@]*)\//, '$1-')}.yml`, properties: flatten(values) }]
  })
}

/** What the sources mean, as Carillon says it in `X-Carillon-Digest`. */
export function digestOfSources(sources: readonly FakeSource[]): string {
  return digestOf(
    sources.map(({ name, properties }) => ({
      name,
      properties: new Map(Array.from(properties, ([key, value]) => [key, { value: scalarOf(value) }])),
    })),
  )
}

function scalarOf(value: Leaf) {
  if (value === null) return ''
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

/** Spring's JSON: version 2 has the line of each value. */
export function bodyOf(sources: readonly FakeSource[], asked: FakeQuestion): string {
  const { name, profiles, label, commit, version } = asked
  const propertySources = sources.map((source) => ({
    name: source.name,
    source: Object.fromEntries(
      Array.from(source.properties, ([key, value], line) => [key, version === 1 ? value : { value, origin: `${line + 1}:1` }]),
    ),
  }))
  return JSON.stringify({ name, profiles: [profiles], label, version: commit, state: '', propertySources })
}

/** As it stands in the path. */
export interface FakeQuestion {
  readonly name: string
  readonly profiles: string
  readonly label: string | null
  readonly commit: string
  readonly version: 1 | 2
}

/** The commit that follows: servers with the same history have the same commits. */
export function commitAfter(commit: string, change: unknown): string {
  return createHash('sha1').update(commit).update(JSON.stringify(change)).digest('hex')
}
