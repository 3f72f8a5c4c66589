import { EnvironmentError, type Lookup, placeholderResolver } from '@carillon/environment'
import { ConfigError } from '../errors.js'
import type { Leaf } from '../json.js'
import { placeOf } from './covered.js'
import { type Entry, type KeyTree, nodeAt } from './key-tree.js'
import { type LocalName, localPath } from './local-names.js'
import type { Merged } from './merge.js'
import type { WarningList } from './warnings.js'

/** Gives the value of an entry with its placeholders filled in and, for texts of arguments and variables, in the type of what it covers. */
export type Fill = (entry: Entry) => Leaf | readonly []

export interface Filling {
  readonly tree: KeyTree
  readonly merged: Merged
  readonly names: LocalName
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warnings: WarningList
}

/** `${key}` and nothing else: it has the type of what it names. */
const ALONE = /^\$\{([^${}:\\]+)\}$/

/**
 * Fills placeholders from the merged keys, then arguments, then variables, as Spring does; what nobody fills stays, with a warning. A value is text, but one
 * that is only `${key}` has the type of what it names: in YAML it would look the same. Throws 'placeholder' for one that leads back to itself.
 */
export function createFill({ warnings, ...sources }: Filling): Fill {
  const { entryAt, textAt } = lookUpIn(sources)
  const endOf = endsOf(entryAt)
  let current: Entry | undefined
  const resolve = placeholderResolver(textAt, (_key, holder) => {
    // A merged key has its own turn
    const place = holder === undefined ? current && placeOf(current) : entryAt(holder) === undefined ? holder : undefined
    // Its name is a part of the value, perhaps of a password with `${` in it.
    if (place !== undefined) warnings.add(`nothing fills a placeholder in ${place}`)
  })
  const fillText = (entry: Entry, text: string): Leaf | readonly [] => {
    const target = endOf(text)
    const value = target && (typeof target.value === 'string' && target.like !== undefined ? fill(target) : target.value)
    if (value !== undefined && typeof value !== 'string') return value
    current = entry
    return resolve(text)
  }
  const fill: Fill = (entry) => {
    const { value, final } = entry
    if (typeof value !== 'string' || final) return value
    const filled = value.includes('${') ? filledOf(entry, () => fillText(entry, value)) : value
    return typeof filled === 'string' ? inTypeOf(entry.like, filled) : filled
  }
  return fill
}

interface LookUp {
  /** What counts for a key in any spelling. */
  readonly entryAt: EntryAt
  /** What a placeholder with this key stands for. */
  readonly textAt: Lookup
}

function lookUpIn({ tree, merged, names, env }: Omit<Filling, 'warnings'>): LookUp {
  const counting: EntryAt = (key) => {
    const node = nodeAt(tree, key)
    const shape = node && merged.shapes.get(node)
    return shape?.kind === 'leaf' ? shape.entry : (shape?.beside ?? tree.inert.get(key)?.[0])
  }
  const textAt = (key: string): string | undefined => {
    const entry = counting(key)
    if (entry !== undefined) return entry.lost === undefined ? textOf(entry.value) : undefined
    const [local] = localPath(names, key)?.texts ?? []
    return (local?.kind !== 'arg' && Object.hasOwn(env, key) ? env[key] : undefined) ?? local?.value
  }
  const entryAt: EntryAt = (key) => {
    const entry = counting(key)
    return entry?.lost === undefined ? entry : undefined
  }
  return { entryAt, textAt }
}

/** A text in the type of what it covers, if it reads back as the same text. */
export function inTypeOf(like: Leaf | undefined, text: string): Leaf {
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (typeof like === 'number' && Number.isFinite(Number(text)) && String(Number(text)) === text) return Number(text)
  return text
}

type EntryAt = (key: string) => Entry | undefined

/** Follows `${a}` that is only `${b}` to its end; `undefined` for what leads nowhere, or in a circle. Remembers, so that long chains cost what they are. */
function endsOf(entryAt: EntryAt): (text: string) => Entry | undefined {
  const ends = new Map<Entry, Entry | undefined>()
  const nextOf = (text: Entry['value']): Entry | undefined => {
    const key = typeof text === 'string' ? ALONE.exec(text)?.[1] : undefined
    return key === undefined ? undefined : entryAt(key)
  }
  return (text) => {
    const way: Entry[] = []
    let next = nextOf(text)
    let end: Entry | undefined
    while (next !== undefined && !ends.has(next)) {
      // Until its end is known it has none: so a circle has none either
      ends.set(next, undefined)
      way.push(next)
      end = isAlone(next) ? undefined : next
      next = end === undefined ? nextOf(next.value) : undefined
    }
    if (next !== undefined) end = ends.get(next)
    for (const entry of way) ends.set(entry, end)
    return end
  }
}

function isAlone({ value, final }: Entry): boolean {
  return !final && typeof value === 'string' && ALONE.test(value)
}

function filledOf(entry: Entry, fill: () => Leaf | readonly []): Leaf | readonly [] {
  try {
    return fill()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    throw new ConfigError('placeholder', `${placeOf(entry)}: ${error.message}`, { cause: error })
  }
}

function textOf(value: Entry['value']): string {
  return value === null || typeof value === 'object' ? '' : String(value)
}
