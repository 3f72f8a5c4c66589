import { isCipherText, type Scalar, scalarText, uniformKey, variableForms } from '@carillon/environment'
import type { Entry, Layer } from './layers.js'
import { type Leaf, type Merged, pointerOf } from './merge.js'
import type { SettingNode } from './nodes.js'
import type { DecryptOwn } from './own-ciphers.js'
import { fillPlaceholders, type PlaceholderLookup } from './placeholders.js'

/** What placeholders in settings are filled from, strongest first. */
export interface PlaceholderSources {
  readonly strong: readonly Layer[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly weak: readonly Layer[]
  /** Gives the plain text of a cipher value; without it such values stay as they are. */
  readonly decrypt?: DecryptOwn
}

/** The settings as one document in the shape of the schema, not yet checked; entries by JSON pointer; and what could not be filled in. */
export interface Built {
  readonly document: Record<string, unknown>
  readonly entries: ReadonlyMap<string, Entry>
  readonly problems: readonly string[]
}

/** Java's system properties that settings files use for paths. */
const SYSTEM_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['user.home', 'HOME'],
  ['user.name', 'USER'],
  ['user.dir', 'PWD'],
])

/** Fills in placeholders, converts texts to what the schema expects where they can be, and nests everything. */
export function buildDocument(merged: Merged, sources: PlaceholderSources): Built {
  const document: Record<string, unknown> = Object.create(null)
  const entries = new Map<string, Entry>()
  const problems: string[] = []
  const used = new Set<string>()
  const reveal = revealing(sources.decrypt)
  const lookup = lookupIn(sources, reveal, used)

  for (const [pointer, leaf] of merged.leaves) {
    const { node, path } = leaf.route
    if (node === undefined) continue
    const { value: text, secret } = filled(leaf, { node, lookup, problems, reveal })
    const value = coerced(node, text)
    if (value === undefined) continue
    put(document, path, value)
    entries.set(pointer, secret ? { ...leaf.entry, secret } : leaf.entry)
  }
  for (const [pointer, { route, entry }] of merged.leaves) {
    // A key of the user's own that a placeholder uses is a variable, not a mistake.
    if (route.node !== undefined || (route.path.length === 1 && used.has(uniformKey(entry.key)))) continue
    put(document, route.path, entry.value)
    entries.set(pointer, entry)
  }
  return { document, entries, problems }
}

interface Filling {
  readonly node: SettingNode
  readonly lookup: PlaceholderLookup
  readonly problems: string[]
  readonly reveal: Reveal
}

interface FilledIn {
  readonly value: Scalar
  readonly secret?: true
}

function filled({ entry }: Leaf, { node, lookup, problems, reveal }: Filling): FilledIn {
  if (typeof entry.value !== 'string') return { value: entry.value }
  const before = reveal.count()
  const { text, missing, circular } = fillPlaceholders(entry.value, lookup)
  if (node.placeholders !== 'kept') {
    for (const key of missing)
      problems.push(`${entry.key} (${entry.place}): nothing gives a value for \${${key}}; set it, or write \${${key}:default}`)
  }
  for (const key of circular) problems.push(`${entry.key} (${entry.place}): the placeholder \${${key}} leads back to itself`)
  const value = reveal.text(text, entry)
  return reveal.count() === before ? { value } : { value, secret: true }
}

/** Decrypts what is a cipher value, and counts: a text that holds one is never printed. */
interface Reveal {
  readonly text: DecryptOwn
  readonly count: () => number
}

function revealing(decrypt: DecryptOwn | undefined): Reveal {
  let count = 0
  return {
    text: (text, place) => {
      if (decrypt === undefined || !isCipherText(text)) return text
      count++
      return decrypt(text, place)
    },
    count: () => count,
  }
}

function lookupIn({ strong, env, weak }: PlaceholderSources, reveal: Reveal, used: Set<string>): PlaceholderLookup {
  const strongKeys = keysOf(strong)
  const weakKeys = keysOf(weak)
  const variable = (key: string): string | undefined =>
    [key, ...variableForms(key).map((form) => form.toUpperCase())]
      .map((name) => (Object.hasOwn(env, name) ? env[name] : undefined))
      .find((value) => value !== undefined)
  return (key) => {
    const name = uniformKey(key)
    used.add(name)
    const system = SYSTEM_PROPERTIES.get(key)
    const found = strongKeys.get(name) ?? variable(key) ?? weakKeys.get(name) ?? (system === undefined ? undefined : env[system])
    return found === undefined ? undefined : reveal.text(found, { key, place: 'used in a placeholder' })
  }
}

function keysOf(layers: readonly Layer[]): ReadonlyMap<string, string> {
  return new Map(layers.flat().map((entry) => [uniformKey(entry.key), scalarText(entry.value)]))
}

/** What cannot be converted stays as it is, for the schema to refuse; an empty text is no number and no truth value: `undefined`. */
function coerced(node: SettingNode, value: Scalar): unknown {
  switch (node.type) {
    case 'string':
      return node.enum === undefined ? scalarText(value) : scalarText(value).trim().toLowerCase()
    case 'array':
      return node.items?.type === 'string' ? commaList(scalarText(value)) : value
    case 'boolean':
      return typeof value === 'boolean' ? value : booleanOf(scalarText(value).trim())
    case 'integer':
      return integerOf(scalarText(value).trim())
    case 'object':
      return value
    default:
      return node.type satisfies never
  }
}

function commaList(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function booleanOf(value: string): boolean | string | undefined {
  if (value === '') return undefined
  if (/^(true|on|yes|1)$/i.test(value)) return true
  return /^(false|off|no|0)$/i.test(value) ? false : value
}

function integerOf(value: string): number | string | undefined {
  if (value === '') return undefined
  return /^[+-]?\d{1,15}$/.test(value) ? Number(value) : value
}

type Container = Record<string | number, unknown>

function put(root: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  let at = root as Container
  path.slice(0, -1).forEach((step, index) => {
    const next = at[step]
    if (typeof next === 'object' && next !== null) at = next as Container
    else at = at[step] = typeof path[index + 1] === 'number' ? ([] as unknown as Container) : Object.create(null)
  })
  at[path.at(-1) ?? ''] = value
}

/** The entry at a path, or else the first one below it, or else the nearest one around it: where a reader should look. */
export function entryAt(entries: ReadonlyMap<string, Entry>, path: readonly (string | number)[]): Entry | undefined {
  if (path.length === 0) return undefined
  const pointer = pointerOf(path)
  const below = (): Entry | undefined => [...entries].find(([key]) => key.startsWith(`${pointer}/`))?.[1]
  return entries.get(pointer) ?? below() ?? entryAt(entries, path.slice(0, -1))
}

/** A path as a key in Spring's spelling: `spring.cloud.config.server.composite[0].uri`. */
export function keyOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' || /^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}
