import type { Config, Json } from '@carillon/client'
import { uniformKey } from '@carillon/environment'
import { CommandError, isConfigError } from './failure.js'
import { isList } from './formats/pairs.js'
import { someOf } from './talk.js'

/** The flat keys that are one of these or below one, in any relaxed spelling; all of them without a choice. */
export function pickFlat(flat: ReadonlyMap<string, Json>, only: readonly string[] | undefined): ReadonlyMap<string, Json> {
  if (only === undefined) return flat
  const wanted = only.map(uniformKey)
  return new Map([...flat].filter(([key]) => wanted.some((each) => isWithin(uniformKey(key), each))))
}

/** The same for nested values: a list keeps the items that are wanted. */
export function pickTree(value: Json, only: readonly string[] | undefined, at = ''): Json {
  if (only === undefined || value === null || typeof value !== 'object') return value
  const wanted = only.map(uniformKey)
  const below = (name: string): string => (at === '' ? uniformKey(name) : `${at}.${uniformKey(name)}`)
  const leads = (path: string): boolean => wanted.some((each) => isWithin(each, path) || isWithin(path, each))
  const pick = (child: Json, path: string): Json => (wanted.some((each) => isWithin(path, each)) ? child : pickTree(child, only, path))
  if (isList(value)) return value.flatMap((item, index) => (leads(below(String(index))) ? [pick(item, below(String(index)))] : []))
  const entries = Object.entries(value).filter(([name]) => leads(below(name)))
  return Object.fromEntries(entries.map(([name, child]) => [name, pick(child, below(name))]))
}

/** Throws 'absent', with names that are near, for the first of these that there is no value at or below. */
export function requireKeys(config: Config<unknown>, only: readonly string[] = []): void {
  const missing = only.find((key) => pickFlat(config.flat(), [key]).size === 0)
  if (missing === undefined) return
  const near = keysWith(config.flat(), missing)
  try {
    config.get(missing as never)
  } catch (error) {
    if (!isConfigError(error) || error.hint !== undefined || near.length === 0) throw error
  }
  throw new CommandError(
    'absent',
    `There is no value at '${missing}'.${near.length === 0 ? '' : ` With that in it there is ${someOf(near)}.`}`,
  )
}

/** Somebody may have left the beginning of a key away. */
function keysWith(flat: ReadonlyMap<string, Json>, part: string): readonly string[] {
  return [...flat.keys()].filter((key) => uniformKey(key).includes(uniformKey(part))).sort()
}

function isWithin(key: string, parent: string): boolean {
  return key === parent || key.startsWith(`${parent}.`)
}
