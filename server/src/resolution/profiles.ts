import { ServerError } from '../errors.js'

/** Profile names by the group's name, as `spring.profiles.group.*` says. */
export type ProfileGroups = ReadonlyMap<string, readonly string[]>

/**
 * Each profile followed by the members of its group, depth first, every name once (Spring Boot's `Profiles`).
 * A cycle between groups is harmless.
 */
export function expandProfiles(profiles: readonly string[], groups: ProfileGroups): readonly string[] {
  const expanded = new Set<string>()
  const stack = profiles.toReversed()
  for (let profile = stack.pop(); profile !== undefined; profile = stack.pop()) {
    if (expanded.has(profile)) continue
    expanded.add(profile)
    stack.push(...(groups.get(profile) ?? []).toReversed())
  }
  return [...expanded]
}

/** Whether files may activate profiles: not when the first one asked for is `default`, whatever its case (Spring's IGNORE_PROFILES). */
export function ignoresProfilesOfFiles(profiles: readonly string[]): boolean {
  const [first] = profiles
  return first === undefined || first.toLowerCase() === 'default'
}

const PROFILE_CHARACTERS = /^[\p{L}\p{Nd}\-_.+@]+$/u
const LETTER_OR_DIGIT = /[\p{L}\p{Nd}]/u

/** Spring Boot's rule for profile names: letters, digits and `- _ . + @`, beginning and ending with a letter or digit. */
export function isValidProfile(profile: string): boolean {
  const characters = [...profile]
  const first = characters[0]
  const last = characters.at(-1)
  return (
    first !== undefined &&
    last !== undefined &&
    PROFILE_CHARACTERS.test(profile) &&
    LETTER_OR_DIGIT.test(first) &&
    LETTER_OR_DIGIT.test(last)
  )
}

/** Refuses a profile that a file activates and that Spring Boot would not take. */
export function requireValidProfiles(profiles: readonly string[], key: string): readonly string[] {
  const wrong = profiles.find((profile) => !isValidProfile(profile))
  if (wrong === undefined) return profiles
  throw new ServerError(
    'illegal-property',
    `'${key}' names the profile '${wrong}': expected letters, digits and - _ . + @, beginning and ending with a letter or digit.`,
  )
}
