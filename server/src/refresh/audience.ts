import type { Concern } from './concern.js'

/** Whom something concerns: all who match one of the concerns. */
export type Audience = readonly Concern[]

/** The concern that every instance matches. */
export const EVERYBODY: Concern = { application: '*', profiles: '*' }

export function isEverybody({ application, profiles }: Concern): boolean {
  return application === '*' && profiles === '*'
}

/**
 * Whom two conditions concern that must both hold, as far as one concern can say it. Two different applications hold only for a request that lists
 * both, which each of them matches: the first is kept, and so are the first's profiles.
 */
export function both(first: Concern, second: Concern): Concern {
  return {
    application: first.application === '*' ? second.application : first.application,
    profiles: first.profiles === '*' ? second.profiles : first.profiles,
  }
}

/** Whether all whom the second concern names are named by the first. */
export function contains(wide: Concern, { application, profiles }: Concern): boolean {
  if (wide.application !== '*' && wide.application !== application) return false
  return wide.profiles === '*' || (profiles !== '*' && profiles.every((profile) => wide.profiles.includes(profile)))
}

/** A set of concerns that says whether an addition was new. */
export interface Gathering {
  readonly add: (concern: Concern) => boolean
  readonly all: () => Audience
}

export function gather(concerns: Iterable<Concern> = []): Gathering {
  const gathered = new Map<string, Concern>()
  const add = (concern: Concern): boolean => {
    const key = JSON.stringify([concern.application, concern.profiles])
    if (gathered.has(key)) return false
    gathered.set(key, concern)
    return true
  }
  for (const concern of concerns) add(concern)
  return { add, all: () => [...gathered.values()] }
}

/** One entry an application, `*` first and then by name; what `*` says already is left out, so everybody stands alone. */
export function merged(concerns: Iterable<Concern>): Audience {
  const byApplication = new Map<string, Set<string> | '*'>()
  for (const { application, profiles } of concerns) {
    const known = byApplication.get(application)
    if (known === '*') continue
    byApplication.set(application, profiles === '*' ? '*' : new Set([...(known ?? []), ...profiles]))
  }
  const all = byApplication.get('*')
  if (all === '*') return [EVERYBODY]
  byApplication.delete('*')
  const others = [...byApplication].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...concern('*', all ?? []),
    ...others.flatMap(([application, profiles]) =>
      concern(application, profiles === '*' ? '*' : [...profiles].filter((profile) => all?.has(profile) !== true)),
    ),
  ]
}

function concern(application: string, profiles: ReadonlySet<string> | readonly string[] | '*'): Audience {
  if (profiles === '*') return [{ application, profiles }]
  const names = [...profiles].toSorted()
  return names.length === 0 ? [] : [{ application, profiles: names }]
}
