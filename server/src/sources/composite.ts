import type { PropertySource } from '@carillon/environment'
import { ServerError } from '../errors.js'
import { bestReach, type Found, type FoundFile, neverCurrent, type Source, undated } from './source.js'

export interface CompositeOptions {
  /** Strongest first. */
  readonly members: readonly Source[]
  /** Whether one member's failure is the answer's. */
  readonly onFailure: 'fail' | 'skip'
  readonly locationOrder: 'listed' | 'reversed'
  readonly onTrouble: (message: string, error: unknown) => void
}

/** Several sources as one. A single member keeps its version and state; several have neither, as in Spring. */
export function createComposite(options: CompositeOptions): Source {
  const { members } = options
  const [only, ...others] = members
  if (only !== undefined && others.length === 0) return only
  return {
    find: async (request) => {
      const found = await Promise.all(members.map((member) => orSkip(options, () => member.find(request))))
      return {
        propertySources: withoutRepetitions(found.flatMap((part) => part?.propertySources ?? [])),
        version: null,
        state: null,
        pins: found.flatMap((part) => part?.pins ?? [neverCurrent]),
      }
    },
    findFile: async (request, path) => {
      const ordered = options.locationOrder === 'listed' ? members : members.toReversed()
      for (const [place, member] of ordered.entries()) {
        const file = await orSkip<FoundFile | undefined>(options, () => member.findFile(request, path))
        if (file !== undefined) return place === 0 ? file : undated(file)
      }
      return undefined
    },
    reach: async (request, commit) =>
      bestReach(await Promise.all(members.map((member) => member.reach(request, commit).catch(() => 'unknown' as const)))),
    fetch: async (signal) => {
      await Promise.all(members.map((member) => member.fetch(signal)))
    },
    close: async () => {
      await Promise.all(members.map((member) => member.close()))
    },
  }
}

/** Clients keep one source of each name, the weakest: a file that two members find alike must not lose its stronger place by that. */
function withoutRepetitions(sources: readonly PropertySource[]): readonly PropertySource[] {
  const first = new Map<string, PropertySource>()
  return sources.filter((source) => {
    const known = first.get(source.name)
    if (known === undefined) first.set(source.name, source)
    return known === undefined || !isAlike(known, source)
  })
}

function isAlike({ properties: one }: PropertySource, { properties: other }: PropertySource): boolean {
  return (
    one === other || (one.size === other.size && [...one].every(([key, { value }]) => other.has(key) && other.get(key)?.value === value))
  )
}

/** Who is still cloning for the first time is not skipped: nobody knows yet whether it fails, and what the others say without it may be wrong. */
async function orSkip<Part extends Found | FoundFile | undefined>(
  options: CompositeOptions,
  find: () => Promise<Part>,
): Promise<Part | undefined> {
  if (options.onFailure === 'fail') return find()
  try {
    return await find()
  } catch (error) {
    if (error instanceof ServerError && error.code === 'not-ready') throw error
    options.onTrouble('A member of the composite was left out of an answer', error)
    return undefined
  }
}
