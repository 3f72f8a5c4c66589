import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Status, Version } from './config.js'
import { type Decryption, decryptLayers } from './decrypt/layers.js'
import { type Ingredients, layersOf } from './layers.js'
import { resolve } from './resolve/resolve.js'
import type { Local, Resolved } from './resolve/resolved.js'

/** One state of the configuration: what it was made of and what it means. Immutable, and replaced as a whole. */
export interface Generation {
  readonly version: Version
  readonly source: Status['source']
  readonly ingredients: Ingredients
  readonly resolved: Resolved
}

/** What stays the same for all generations. */
export interface Making {
  readonly local: Local
  readonly schema: StandardSchemaV1 | undefined
  readonly prefix: string | undefined
  readonly pinned: readonly string[]
  readonly decryption: Decryption
}

export interface NextGeneration extends Making {
  readonly ingredients: Ingredients
  readonly source: Status['source']
  /** Pinned keys keep what this one has. */
  readonly previous?: Generation
}

/** How the next state is made of what is new. Throws, or rejects with, ConfigError 'invalid', 'undecipherable' or 'placeholder'. */
export type Make = (next: Pick<NextGeneration, 'ingredients' | 'source' | 'previous'>) => Promise<Generation>

/** Where nothing was read from a server. */
export const NO_VERSION: Version = { commit: '', label: '', digest: '' }

/** Decrypts, merges, fills in and checks; what was sent stays as it is in the ingredients. Throws ConfigError 'invalid', 'undecipherable' or 'placeholder'. */
export async function generationOf({ ingredients, source, previous, pinned, decryption, ...making }: NextGeneration): Promise<Generation> {
  const held = previous && pinned.length > 0 ? { keys: pinned, from: previous.resolved } : undefined
  const layers = await decryptLayers(layersOf(ingredients), decryption)
  const lost = decryption.failed === 'omit' ? 'omit' : 'refuse'
  const resolved = await resolve({ ...making, layers, lost, pinned: held, previous: previous?.resolved.values })
  return { version: ingredients.document?.version ?? NO_VERSION, source, ingredients, resolved }
}
