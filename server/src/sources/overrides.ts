import type { Property, Scalar } from '@carillon/environment'
import { javaHashOrder } from '../resolution/java-order.js'
import type { Source } from './source.js'

/** The name of that property source. */
export const OVERRIDES = 'overrides'

/** Puts the server's own overrides above everything that a source finds, as one property source called `overrides`. */
export function withOverrides(source: Source, overrides: ReadonlyMap<string, Scalar>): Source {
  if (overrides.size === 0) return source
  const properties = new Map<string, Property>()
  for (const key of javaHashOrder([...overrides.keys()], copiedCapacity(overrides.size))) {
    properties.set(key, { value: overrides.get(key) ?? '', origin: { kind: 'text', text: 'Config server overrides' } })
  }
  return {
    ...source,
    find: async (request) => {
      const found = await source.find(request)
      return { ...found, propertySources: [{ name: OVERRIDES, properties }, ...found.propertySources] }
    },
  }
}

/** The capacity of a java.util.HashMap that was copied from a map of this size, which is how Spring keeps overrides. */
function copiedCapacity(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.floor(size / 0.75 + 1)))
}
