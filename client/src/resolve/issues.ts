import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What an issue says in words that cannot hold a value. */
export interface IssueWords {
  readonly path: readonly string[]
  /** The type that was expected, in small letters and without article. */
  readonly expected: string | undefined
  /** The library's word for the kind of problem. */
  readonly code: string | undefined
  /** The bound that a number or a length has to keep. */
  readonly limit: number | undefined
  /** Names at the path that the schema does not know. */
  readonly unknown: readonly string[]
}

/** What zod, valibot, arktype and ajv call the types of JSON and their relatives. Any other word might be a value. */
const TYPES = new Set(
  'string number integer int bigint boolean date array tuple list object record map set null undefined never nan symbol function'.split(
    ' ',
  ),
)

/**
 * Reads an issue of any schema library. The standard has path and message alone, and messages quote values; libraries add `code` or `type`, `expected` and
 * bounds, which stand in the schema.
 */
export function wordsOf(issue: StandardSchemaV1.Issue): IssueWords {
  const { code, type, expected, keys, maximum, minimum, requirement, rule } = issue as unknown as Readonly<Record<string, unknown>>
  const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
  return {
    path,
    expected: typeOf(expected),
    code: [code, type].find(isCode),
    limit: [maximum, minimum, requirement, rule].find((each) => typeof each === 'number'),
    // zod tells of unknown keys at the object that has them
    unknown: code === 'unrecognized_keys' && Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
  }
}

function typeOf(expected: unknown): string | undefined {
  if (typeof expected !== 'string') return undefined
  const word = expected.toLowerCase().replace(/^an? /, '')
  return TYPES.has(word) ? word : undefined
}

function isCode(word: unknown): word is string {
  return typeof word === 'string' && /^[a-z][A-Za-z_]{0,30}$/.test(word)
}
