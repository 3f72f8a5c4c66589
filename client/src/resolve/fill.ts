import { EnvironmentError, placeholderResolver } from '@carillon/environment'
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
export function createFill({ tree, merged, names, env, warnings }: Filling): Fill {
  const entryAt = (key: string): Entry | undefined => {
    const node = nodeAt(tree, key)
    const shape = node && merged.shapes.get(node)
    return shape?.kind === 'leaf' ? shape.entry : (shape?.beside ?? tree.inert.get(key)?.[0])
  }
  const lookup = (key: string): string | undefined => {
    const entry = entryAt(key)
    if (entry !== undefined) return textOf(entry.value)
    const [local] = localPath(names, key)?.texts ?? []
    return (local?.kind !== 'arg' && Object.hasOwn(env, key) ? env[key] : undefined) ?? local?.value
  }
  let current: Entry | undefined
  const resolve = placeholderResolver(lookup, (key, holder) => {
    const place = holder === undefined ? current && placeOf(current) : entryAt(holder) === undefined ? holder : undefined
    if (place !== undefined) warnings.add(`nothing fills the placeholder \${${key}} in ${place}`)
  })
  const fillText = (entry: Entry, text: string): Leaf | readonly [] => {
    const target = aloneTarget(text, entryAt)
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

/** A text in the type of what it covers, if it reads back as the same text. */
export function inTypeOf(like: Leaf | undefined, text: string): Leaf {
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (typeof like === 'number' && Number.isFinite(Number(text)) && String(Number(text)) === text) return Number(text)
  return text
}

/** Follows `${a}` that is only `${b}`; `undefined` for what leads nowhere, or in a circle. */
function aloneTarget(text: string, entryAt: (key: string) => Entry | undefined): Entry | undefined {
  const seen = new Set<Entry>()
  for (let key = ALONE.exec(text)?.[1]; key !== undefined; ) {
    const target = entryAt(key)
    if (target === undefined || seen.has(target)) return undefined
    seen.add(target)
    key = typeof target.value === 'string' && !target.final ? ALONE.exec(target.value)?.[1] : undefined
    if (key === undefined) return target
  }
  return undefined
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
