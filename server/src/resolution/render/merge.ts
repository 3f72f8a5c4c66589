import type { PropertySource, Scalar } from '@carillon/environment'

/** A value with the precedence of the source it comes from: the higher rank wins. */
export interface RankedValue {
  readonly value: Scalar
  readonly rank: number
}

/**
 * The flat keys of all sources (strongest first) as one map in Spring's order: plain keys where the weakest source put them, then the keys with `[`,
 * grouped by what stands before the first `[`, where a source replaces the whole group of weaker ones. `spring.profiles` is left out.
 */
export function mergeSources(sources: readonly PropertySource[]): Map<string, RankedValue> {
  const merged = new Map<string, RankedValue>()
  const groups = new Map<string, Map<string, RankedValue>>()
  for (const [rank, source] of sources.toReversed().entries()) {
    for (const [prefix, group] of mergeSource(source, { rank, plain: merged })) groups.set(prefix, group)
  }
  for (const group of groups.values()) {
    for (const [key, value] of group) merged.set(key, value)
  }
  merged.delete('spring.profiles')
  return merged
}

function mergeSource(source: PropertySource, { rank, plain }: { rank: number; plain: Map<string, RankedValue> }) {
  const groups = new Map<string, Map<string, RankedValue>>()
  for (const [key, { value }] of source.properties) {
    const bracket = key.indexOf('[')
    const target = bracket === -1 ? plain : groupOf(groups, key.slice(0, bracket))
    target.set(key, { value, rank })
  }
  return groups
}

function groupOf(groups: Map<string, Map<string, RankedValue>>, prefix: string): Map<string, RankedValue> {
  const known = groups.get(prefix)
  if (known !== undefined) return known
  const group = new Map<string, RankedValue>()
  groups.set(prefix, group)
  return group
}
