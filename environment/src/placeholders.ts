import { EnvironmentError } from './errors.js'
import { type Part, type Placeholder, parseParts } from './template.js'

/** Gives the text of a key, `undefined` where there is no such key. The same key must give the same text each time. */
export type Lookup = (key: string) => string | undefined

/**
 * Hears of a placeholder that has neither value nor default. `key` is as written, with `…` for placeholders within it; `holder` is the key in whose value
 * it stands, `undefined` for the text itself. What a resolver knows already it does not look at again, so a holder is told once or more.
 */
export type OnUnfilled = (key: string, holder: string | undefined) => void

/** Characters that placeholders may put into the texts of one resolver. Spring has no limit and ends in an `OutOfMemoryError`. */
const MAX_INSERTED = 10_000_000
const MAX_DEPTH = 200

interface Resolution {
  readonly lookup: Lookup
  readonly onUnfilled: OnUnfilled | undefined
  /** Without this a chain of doublings takes exponential time. It is sound, because a key that reaches itself never gets in. */
  readonly resolved: Map<string, string | undefined>
  readonly visiting: Set<string>
  depth: number
  inserted: number
}

/**
 * Replaces `${key}` and `${key:default}` in a text, and in what it inserts, as Spring's `PlaceholderParser` does; what has neither value nor default
 * stays, `\${` gives `${`. Throws `EnvironmentError`: `circular-placeholder`, or `too-large` for more than 200 levels or 10 million inserted characters.
 */
export function resolvePlaceholders(text: string, lookup: Lookup): string {
  return placeholderResolver(lookup)(text)
}

/** `resolvePlaceholders` for many texts over the same keys: what is found once is kept, and the limits hold for all texts together. */
export function placeholderResolver(lookup: Lookup, onUnfilled?: OnUnfilled): (text: string) => string {
  const resolution: Resolution = { lookup, onUnfilled, resolved: new Map(), visiting: new Set(), depth: 0, inserted: 0 }
  return (text) => {
    // an earlier text may have ended in an error
    resolution.visiting.clear()
    resolution.depth = 0
    return resolveText(text, resolution)
  }
}

function resolveText(text: string, resolution: Resolution): string {
  const parts = parseParts(text, MAX_DEPTH)
  return parts === undefined ? text : joinParts(parts, resolution)
}

function joinParts(parts: readonly Part[], resolution: Resolution): string {
  if (++resolution.depth > MAX_DEPTH) throw new EnvironmentError('too-large', `placeholders lead through more than ${MAX_DEPTH} levels`)
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : insert(part, resolution)
  resolution.depth--
  return text
}

function insert(placeholder: Placeholder, resolution: Resolution): string {
  const text = resolvePlaceholder(placeholder, resolution)
  resolution.inserted += text.length
  if (resolution.inserted > MAX_INSERTED) {
    throw new EnvironmentError('too-large', `placeholders insert more than ${MAX_INSERTED} characters, as values that double each other do`)
  }
  return text
}

function resolvePlaceholder({ text, key, fallback }: Placeholder, resolution: Resolution): string {
  // `${a:b}` may mean the key `a:b`, which is asked first
  const whole = text === undefined ? undefined : resolveKey(text, resolution)
  if (whole !== undefined) return whole
  const name = joinParts(key, resolution)
  const value = resolveKey(name, resolution)
  if (value !== undefined) return value
  if (fallback !== undefined) return joinParts(fallback, resolution)
  resolution.onUnfilled?.(key.map((part) => (typeof part === 'string' ? part : '…')).join(''), [...resolution.visiting].at(-1))
  return `\${${name}}`
}

function resolveKey(key: string, resolution: Resolution): string | undefined {
  const { lookup, resolved, visiting } = resolution
  if (resolved.has(key)) return resolved.get(key)
  if (visiting.has(key)) throw new EnvironmentError('circular-placeholder', `circular placeholder: ${circle(key, visiting)}`)
  const raw = lookup(key)
  if (raw === undefined || !raw.includes('${')) {
    resolved.set(key, raw)
    return raw
  }
  visiting.add(key)
  const value = resolveText(raw, resolution)
  visiting.delete(key)
  resolved.set(key, value)
  return value
}

function circle(key: string, visiting: ReadonlySet<string>): string {
  const way = [...visiting]
  return [...way.slice(way.indexOf(key)), key].map((step) => `'${step}'`).join(' -> ')
}
