import type { RemoteDocument, RemoteSource } from './remote.js'

/**
 * Whether two answers mean the same: sources, keys and values in their order, wherever the values stand. A server's digest alone does not tell: it is made
 * before values are decrypted, and a proxy may send the headers of another answer.
 */
export function isSameMeaning(one: RemoteDocument, other: RemoteDocument): boolean {
  if (one.version.digest !== other.version.digest || one.sources.length !== other.sources.length) return false
  return one.text === other.text || one.sources.every((source, index) => isSameSource(source, other.sources[index]))
}

function isSameSource({ name, properties }: RemoteSource, other: RemoteSource | undefined): boolean {
  if (other === undefined || name !== other.name || properties.size !== other.properties.size) return false
  const others = other.properties.entries()
  for (const [key, { value }] of properties) {
    const [otherKey, otherValue] = others.next().value ?? []
    if (key !== otherKey || value !== otherValue?.value) return false
  }
  return true
}
