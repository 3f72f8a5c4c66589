import { kebab } from '@carillon/environment'
import { nearestNames } from '../nearest.js'
import type { SettingNode } from './nodes.js'
import { settingsSchema } from './schema.js'

let known: readonly string[] | undefined

/** Every key of the settings that has an effect, in kebab-case; names that users choose are left out. */
export function knownKeys(): readonly string[] {
  known ??= leafKeys('', settingsSchema)
  return known
}

/** The candidate that takes the fewest changes of letters, spelled like the key: as a file has it or as an environment variable. */
export function nearest(key: string, candidates: readonly string[], spelling: 'key' | 'variable'): string {
  const spelled = candidates.map((candidate) => (spelling === 'variable' ? candidate.toUpperCase().replace(/[.-]/g, '_') : candidate))
  const wanted = spelling === 'variable' ? key.toUpperCase() : kebab(key)
  return nearestNames(wanted, spelled, { within: Number.POSITIVE_INFINITY, most: 1 })[0] ?? ''
}

/** The known key that this one is a slip of the finger away from, if any. */
export function slipOf(key: string): string | undefined {
  return nearestNames(kebab(key), knownKeys(), { within: 2, most: 1 })[0]
}

function leafKeys(prefix: string, node: SettingNode): readonly string[] {
  if (node.unsupported !== undefined || node.refused !== undefined) return []
  const children = Object.entries(node.properties ?? {})
  if (node.type !== 'object') return [prefix]
  if (children.length === 0) return typeof node.additionalProperties === 'object' ? [prefix] : []
  return children.flatMap(([name, child]) => leafKeys(prefix === '' ? name : `${prefix}.${name}`, child))
}
