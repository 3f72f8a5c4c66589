import type { Property, PropertySource, Scalar } from '@carillon/environment'

/** How a fixture writes a value: JSON has neither big integers nor doubles that are integers. */
export type Written = string | boolean | { readonly int: string } | { readonly double: string }

/** Property sources without origins from lists of pairs, strongest first. */
export function sourcesOf(written: readonly (readonly (readonly [string, Written])[])[]): PropertySource[] {
  return written.map((pairs, index) => ({
    name: `source ${index}`,
    properties: new Map(pairs.map(([key, value]): [string, Property] => [key, { value: scalarOf(value) }])),
  }))
}

/** One property source from a map of values. */
export function sourceOf(values: Readonly<Record<string, Scalar>>): PropertySource {
  return { name: 'source', properties: new Map(Object.entries(values).map(([key, value]): [string, Property] => [key, { value }])) }
}

function scalarOf(written: Written): Scalar {
  if (typeof written !== 'object') return written
  return 'int' in written ? BigInt(written.int) : Number(written.double)
}
