import type { Property, Scalar } from '@carillon/environment'
import type { Source } from './source.js'

/** Puts the server's own overrides above everything that a source finds, as one property source called `overrides`. */
export function withOverrides(source: Source, overrides: ReadonlyMap<string, Scalar>): Source {
  if (overrides.size === 0) return source
  const properties = new Map<string, Property>()
  for (const [key, value] of overrides) properties.set(key, { value, origin: { kind: 'text', text: 'Config server overrides' } })
  return {
    ...source,
    find: async (request) => {
      const found = await source.find(request)
      return { ...found, propertySources: [{ name: 'overrides', properties }, ...found.propertySources] }
    },
  }
}
