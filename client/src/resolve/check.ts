import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError } from '../errors.js'
import { type Conversion, conversionFor, convert, valueAt } from './convert.js'
import { type IssueWords, wordsOf } from './issues.js'

export interface Checking {
  readonly schema: StandardSchemaV1
  /** Used up: where the schema wants it, texts are converted in place. */
  readonly values: unknown
  readonly placeAt: (path: readonly string[]) => Place
}

/** The flat key of a path, and where its value was given. */
export interface Place {
  readonly key: string
  readonly place?: string
}

const MAX_PROBLEMS = 10

/** A conversion may bring forth what the schema could not see before: a list its items, a branch its members. */
const MAX_ROUNDS = 5

/**
 * What the schema makes of the values; texts that it refuses are offered in the type that it wants. Throws 'invalid' with the schema's issues; the message
 * holds keys, places and kinds of problems, never a value.
 */
export async function check({ schema, values, placeAt }: Checking): Promise<unknown> {
  const converted = new Map<string, Conversion>()
  for (let round = 1; ; round++) {
    const result = await validate(schema, values)
    if (result.issues === undefined) return result.value
    const fresh = result.issues
      .map((issue) => conversionFor(wordsOf(issue), values))
      .filter((conversion) => conversion !== undefined && !converted.has(idOf(conversion.path)))
    if (fresh.length === 0 || round === MAX_ROUNDS) throw refusal(result.issues, { values, placeAt, converted })
    for (const conversion of fresh) {
      if (conversion === undefined) continue
      converted.set(idOf(conversion.path), conversion)
      convert(values, conversion)
    }
  }
}

function idOf(path: readonly string[]): string {
  return JSON.stringify(path)
}

async function validate(schema: StandardSchemaV1, values: unknown): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(values)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    // Not as `cause`: its message may quote a value
    const at = error instanceof Error ? (/^\s+(at .*)$/m.exec(error.stack ?? '')?.[1] ?? '') : ''
    throw new ConfigError('invalid', `The schema failed with ${error instanceof Error ? error.name : typeof error} ${at}`.trimEnd())
  }
}

type Refused = Omit<Checking, 'schema'> & { readonly converted: ReadonlyMap<string, Conversion> }

function refusal(issues: readonly StandardSchemaV1.Issue[], refused: Refused): ConfigError {
  const problems = [...new Set(issues.flatMap((issue) => problemsOf(wordsOf(issue), refused)))]
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `\n  ${problem}`)
  const more = problems.length > MAX_PROBLEMS ? `\n  and ${problems.length - MAX_PROBLEMS} more` : ''
  return new ConfigError('invalid', `The schema refuses the configuration:${lines.join('')}${more}`, {
    issues,
    hint: '`explain` tells where a value comes from; `issues` of this error has the words of the schema, and may hold values',
  })
}

function problemsOf(words: IssueWords, { values, placeAt, converted }: Refused): readonly string[] {
  const { path, code, unknown } = words
  const at = (each: readonly string[]): string => {
    const { key, place } = placeAt(each)
    return place === undefined ? key : `${key} (${place})`
  }
  if (unknown.length > 0) return unknown.map((name) => `${at([...path, name])}: the schema does not know this key`)
  if (code === 'unrecognized_key') return [`${at(path)}: the schema does not know this key`]
  const value = converted.get(idOf(path))?.text ?? valueAt(values, path)
  return [`${at(path)}: ${value === undefined ? 'is missing' : `is ${kindOf(value)}`}${saidOf(words, value)}`]
}

function saidOf({ expected, code, limit }: IssueWords, value: unknown): string {
  const wanted = expected === undefined ? '' : `, expected ${expected}`
  // A library that nobody knows might make a code of the value
  const kind = code === undefined || code === value ? '' : ` (${code}${limit === undefined ? '' : ` ${limit}`})`
  return `${wanted}${kind}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (typeof value === 'string') return 'a text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`
}
