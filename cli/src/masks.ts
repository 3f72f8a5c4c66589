import type { Json } from '@carillon/client'
import { MASK, maskSecrets, soundsSecret } from '@carillon/environment'
import { isList } from './formats/pairs.js'

/** Values as they may be shown, and how many of them show less than there is. */
export interface Masked<T> {
  readonly value: T
  readonly count: number
}

/** A value with what looks like a secret masked: by the names of keys, by what stands in addresses, and private keys. `key` is where it stands. */
export function maskValue(key: string, value: Json): Masked<Json> {
  if (value === null || typeof value === 'boolean') return { value, count: 0 }
  if (typeof value === 'object') return maskBelow(key, value)
  const text = String(value)
  const masked = soundsSecret(key) && text !== '' ? MASK : maskSecrets(text)
  return masked === text ? { value, count: 0 } : { value: masked, count: 1 }
}

/** The same for each of several keys. */
export function maskAll(values: Iterable<readonly [string, Json]>): Masked<ReadonlyMap<string, Json>> {
  const masked = Array.from(values, ([key, value]) => [key, maskValue(key, value)] as const)
  return { value: new Map(masked.map(([key, { value }]) => [key, value])), count: sum(masked.map(([, each]) => each)) }
}

function maskBelow(key: string, value: readonly Json[] | { readonly [key: string]: Json }): Masked<Json> {
  if (isList(value)) {
    const items = value.map((item, index) => maskValue(`${key}[${index}]`, item))
    return { value: items.map((item) => item.value), count: sum(items) }
  }
  const entries = Object.entries(value).map(([name, below]) => [name, maskValue(key === '' ? name : `${key}.${name}`, below)] as const)
  return { value: Object.fromEntries(entries.map(([name, below]) => [name, below.value])), count: sum(entries.map(([, below]) => below)) }
}

function sum(parts: readonly Masked<unknown>[]): number {
  return parts.reduce((total, { count }) => total + count, 0)
}
