import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Leaf } from '../../../client/src/json.js'
import { resolve } from '../../../client/src/resolve/resolve.js'
import type { Layer, Pinned, Resolved } from '../../../client/src/resolve/resolved.js'

/** What a test has of its own; all else is empty. */
export interface Given {
  /** Strongest first. */
  readonly remote?: readonly Readonly<Record<string, Leaf>>[]
  readonly defaults?: Readonly<Record<string, Leaf>>
  readonly env?: Readonly<Record<string, string>>
  readonly argv?: readonly string[]
  readonly place?: 'over-remote' | 'under-remote'
  readonly schema?: StandardSchemaV1
  readonly prefix?: string
  readonly pinned?: Pinned
}

/** A layer whose values stand in lines of their own. */
function layer(kind: Layer['kind'], source: string, values: Readonly<Record<string, Leaf>>): Layer {
  const lines = Object.entries(values).map(([key, value], index) => [key, { value, line: index + 1, column: 1 }] as const)
  return { kind, source, ...(kind === 'remote' ? { commit: 'c0ffee' } : {}), properties: new Map(lines) }
}

/** Resolves layers `r0`, `r1`, … and `defaults`. */
export function resolved({ remote = [], defaults, env = {}, argv = [], place = 'over-remote', ...rest }: Given): Promise<Resolved> {
  const layers = remote.map((values, index) => layer('remote', `r${index}`, values))
  return resolve({
    layers: defaults === undefined ? layers : [...layers, layer('default', 'defaults', defaults)],
    local: { env, argv, place },
    ...rest,
  })
}
