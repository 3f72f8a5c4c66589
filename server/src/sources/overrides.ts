import type { Property, Scalar } from '@carillon/environment'
import type { Source } from './source.js'

/** Puts the server's own overrides above everything that a source finds, as one property source called `overrides`. */
export function withOverrides(source: Source, overrides: ReadonlyMap<string, Scalar>): Source {
  if (overrides.size === 0) return source
  const properties = new Map<string, Property>()
  for (const key of hashMapOrder([...overrides.keys()])) {
    properties.set(key, { value: overrides.get(key) ?? '', origin: { kind: 'text', text: 'Config server overrides' } })
  }
  return {
    ...source,
    find: async (request) => {
      const found = await source.find(request)
      return { ...found, propertySources: [{ name: 'overrides', properties }, ...found.propertySources] }
    },
  }
}

/** Spring keeps overrides in a java.util.HashMap: its order shows in the text formats, so it is ours too. */
function hashMapOrder(keys: readonly string[]): readonly string[] {
  const capacity = 2 ** Math.ceil(Math.log2(Math.floor(keys.length / 0.75 + 1)))
  const bucket = (key: string): number => {
    const hash = javaHash(key)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  return keys.toSorted((a, b) => bucket(a) - bucket(b))
}

function javaHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0
  return hash
}
