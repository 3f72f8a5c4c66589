import { stepsOfKey, uniform, variableOf } from '@carillon/environment'
import type { EnvClash, EnvOptions } from '../config.js'
import { ConfigError } from '../errors.js'
import type { Json } from '../json.js'

/**
 * Flat keys as environment variables: `db.pool-max` is `DB_POOL_MAX`, `hosts[0].name` is `HOSTS_0_NAME`; null and an empty list are empty texts. `prefix`
 * stands before each name as it is. Keys that no variable can spell are left out.
 */
export function toEnv(flat: ReadonlyMap<string, Json>, { prefix = '', pick, onClash = refuse }: EnvOptions = {}): Record<string, string> {
  const variables = new Map<string, { readonly key: string; readonly value: string }>()
  const isPicked = picker(pick)
  for (const [key, json] of flat) {
    const name = variableOf(key)
    if (!/[A-Z0-9]/.test(name) || !isPicked(key)) continue
    const variable = `${prefix}${name}`
    const value = textOf(json)
    const first = variables.get(variable)
    if (first === undefined) variables.set(variable, { key, value })
    else if (first.value !== value) onClash({ variable, keys: [first.key, key] })
  }
  return Object.fromEntries([...variables].map(([variable, { value }]) => [variable, value]))
}

function refuse({ variable, keys }: EnvClash): never {
  throw new ConfigError('bad-options', `${keys.join(' and ')} both become ${variable}`, {
    hint: 'choose keys with `pick`, or give one of them another name',
  })
}

/** A key is picked with all below it, in any spelling. */
function picker(pick: readonly string[] | undefined): (key: string) => boolean {
  if (pick === undefined) return () => true
  const picked = pick.map(idOf)
  return (key) => {
    const id = idOf(key)
    return picked.some((each) => id.startsWith(each))
  }
}

/** Each step ends in a character that none has, so that `a.b` does not begin `a.bc`. */
function idOf(key: string): string {
  return stepsOfKey(key)
    .map((step) => `${uniform(step)}\0`)
    .join('')
}

function textOf(value: Json): string {
  if (value === null) return ''
  return typeof value === 'object' ? (Array.isArray(value) && value.length === 0 ? '' : JSON.stringify(value)) : String(value)
}
