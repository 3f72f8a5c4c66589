import { createHash } from 'node:crypto'
import { scalarText } from './numbers.js'
import type { PropertySource } from './types.js'

/**
 * What a view means, as 64 hex digits: SHA-256 over its ordered (source, key, type, raw value). Commit, label and origins take no part, so a commit
 * that changes nothing of the view leaves it. Lengths stand before texts, so no two views share an input.
 */
export function digestOf(sources: readonly PropertySource[]): string {
  const hash = createHash('sha256')
  const parts: string[] = []
  for (const source of sources) {
    parts.push(`s${source.name.length}:${source.name}`)
    for (const [key, { value }] of source.properties) {
      const text = scalarText(value)
      parts.push(`k${key.length}:${key}${typeof value}${text.length}:${text}`)
    }
  }
  return hash.update(parts.join('')).digest('hex')
}
