import { ServerError } from '../errors.js'
import { wildcard } from './search-paths.js'
import { bestReach, type ConfigRequest, type Found, type FoundFile, neverCurrent, type Source, undated } from './source.js'

/** A repository that answers for the applications and profiles that its patterns name. */
export interface PatternMember {
  readonly name: string
  readonly defaultLabel: string
  /** As written: `app`, `app/profile`, with `*` for any characters. */
  readonly patterns: readonly string[]
  /** The sources to ask for a request, in order: one, or one a profile where the address depends on it. */
  readonly candidates: (request: ConfigRequest) => readonly Source[]
  /** Whether the whole profile list must match a pattern too, as it must for an address without placeholders. */
  readonly strictness: 'any-profile' | 'whole-list'
  readonly fetch: (signal: AbortSignal) => Promise<void>
  readonly close: () => Promise<void>
}

/** Who answers what no pattern's repository can. */
export interface Fallback {
  readonly defaultLabel: string
  readonly source: (request: ConfigRequest) => Source
  readonly fetch: (signal: AbortSignal) => Promise<void>
  readonly close: () => Promise<void>
}

export interface PatternOptions {
  readonly members: readonly PatternMember[]
  readonly fallback: Fallback
  readonly onTrouble: (message: string, error: unknown) => void
}

/**
 * Chooses among repositories by patterns over `application/profile`, in the order of their definition; what no pattern's repository can answer goes
 * to the fallback. Without a label, the first repository that is asked decides the label for all that follow. (Spring: MultipleJGitEnvironmentRepository.)
 */
export function createPatternSource({ members, fallback, onTrouble }: PatternOptions): Source {
  const prepared = members.map((member) => ({ member, matches: matcher(member.patterns) }))
  return {
    find: async (request) => {
      let { label } = request
      let passedOver = 0
      for (const { member, source } of chosen(prepared, request)) {
        label ??= member.defaultLabel
        if (source === undefined) continue
        const found = await attempt<Found>(() => source.find({ ...request, ...labelled(label) }), member, onTrouble)
        if (found !== undefined) return onlyUntil(passedOver, found)
        passedOver += 1
      }
      label ??= fallback.defaultLabel
      return onlyUntil(passedOver, await fallback.source({ ...request, label }).find({ ...request, label }))
    },
    findFile: async (request, path) => {
      let passedOver = 0
      const dated = (file: FoundFile | undefined) => (file === undefined || passedOver === 0 ? file : undated(file))
      for (const { member, source } of chosen(prepared, request)) {
        if (source === undefined) continue
        const found = await attempt<{ file: FoundFile | undefined }>(
          async () => {
            await source.find(request)
            return { file: await source.findFile(request, path) }
          },
          member,
          onTrouble,
        )
        if (found !== undefined) return dated(found.file)
        passedOver += 1
      }
      return dated(await fallback.source(request).findFile(request, path))
    },
    reach: async (request, commit) => {
      const sources = [...chosen(prepared, request)].flatMap(({ source }) => source ?? []).concat(fallback.source(request))
      return bestReach(await Promise.all(sources.map((source) => source.reach(request, commit).catch(() => 'unknown' as const))))
    },
    fetch: async (signal) => {
      await Promise.all([...members.map((member) => member.fetch(signal)), fallback.fetch(signal)])
    },
    close: async () => {
      await Promise.all([...members.map((member) => member.close()), fallback.close()])
    },
  }
}

/** Who was passed over may answer the next request: what the others say instead must not be kept. */
function onlyUntil(passedOver: number, found: Found): Found {
  return passedOver === 0 ? found : { ...found, pins: [...found.pins, neverCurrent] }
}

interface Prepared {
  readonly member: PatternMember
  readonly matches: (text: string) => boolean
}

/** Without a source: the member matches one of the profiles but not the whole list, so it decides the label and answers nothing, as in Spring. */
function* chosen(prepared: readonly Prepared[], request: ConfigRequest): Generator<{ member: PatternMember; source?: Source }> {
  const application = request.applications.join(',')
  for (const { member, matches } of prepared) {
    if (!request.profiles.some((profile) => matches(`${application}/${profile}`))) continue
    if (member.strictness === 'whole-list' && !matches(`${application}/${request.profiles.join(',')}`)) {
      yield { member }
      continue
    }
    for (const source of member.candidates(request)) yield { member, source }
  }
}

/** A repository that fails lets the next one answer, but never while its first clone is still running: the answer would be somebody else's. */
async function attempt<Result>(
  find: () => Promise<Result>,
  member: PatternMember,
  onTrouble: PatternOptions['onTrouble'],
): Promise<Result | undefined> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof ServerError && error.code === 'not-ready') throw error
    onTrouble(`The repository '${member.name}' was passed over`, error)
    return undefined
  }
}

/** Spring's preparation: `app` also means `app/*`, and a pattern that does not end with `*` also allows further profiles. */
function matcher(patterns: readonly string[]): (text: string) => boolean {
  const prepared = patterns.flatMap((pattern) => [pattern, ...(pattern.includes('/') ? [] : [`${pattern}/*`])])
  const further = patterns.filter((pattern) => !pattern.endsWith('*')).map((pattern) => `${pattern},*`)
  const matchers = [...prepared, ...further].map(exactOrWildcard)
  return (text) => matchers.some((matches) => matches(text))
}

function exactOrWildcard(pattern: string): (text: string) => boolean {
  return pattern.includes('*') ? wildcard(pattern) : (text) => text === pattern
}

function labelled(label: string | undefined): { readonly label?: string } {
  return label === undefined ? {} : { label }
}
