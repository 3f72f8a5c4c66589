import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError } from '../errors.js'

/** One problem as a message may tell it. */
interface Problem {
  /** As a flat key. */
  readonly key: string
  readonly says: string
}

export interface Checking {
  readonly schema: StandardSchemaV1
  readonly values: unknown
  /** The flat key of a path of the values, and where its value was given. */
  readonly placeAt: (path: readonly string[]) => { readonly key: string; readonly place?: string }
}

const MAX_PROBLEMS = 10

/** What the schema makes of the values. Throws 'invalid' with the schema's issues; the message holds keys, places and kinds of problems, never a value. */
export async function check({ schema, values, placeAt }: Checking): Promise<unknown> {
  const result = await validate(schema, values)
  if (result.issues === undefined) return result.value
  const problems = result.issues.flatMap((issue) => problemsOf(issue, { values, placeAt }))
  const lines = problems.slice(0, MAX_PROBLEMS).map(({ key, says }) => `\n  ${key}: ${says}`)
  const more = problems.length > MAX_PROBLEMS ? `\n  and ${problems.length - MAX_PROBLEMS} more` : ''
  throw new ConfigError('invalid', `the schema refuses the configuration:${lines.join('')}${more}`, {
    issues: result.issues,
    hint: 'config.explain(key) and `carillon explain` tell where a value comes from; `issues` of this error has the words of the schema',
  })
}

async function validate(schema: StandardSchemaV1, values: unknown): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(values)
  } catch (error) {
    // Not as `cause`: its message may quote a value
    const at = error instanceof Error ? (/^\s+at .*$/m.exec(error.stack ?? '')?.[0] ?? '') : ''
    throw new ConfigError(
      'invalid',
      `the schema failed with ${error instanceof Error ? error.name : typeof error}${at.replace(/^\s+/, ' ')}`,
    )
  }
}

type Where = Pick<Checking, 'values' | 'placeAt'>

function problemsOf(issue: StandardSchemaV1.Issue, { values, placeAt }: Where): readonly Problem[] {
  const path = pathOf(issue)
  const unknown = unknownKeys(issue).map((key) => [...path, key])
  if (unknown.length > 0) return unknown.map((each) => ({ ...described(placeAt(each)), says: 'is not known to the schema' }))
  const at = placeAt(path)
  const found = valueAt(values, path)
  const place = at.place === undefined ? '' : ` (${at.place})`
  const said = wordsOf(issue)
  if (found === undefined) return [{ key: at.key, says: `is missing${said}` }]
  // Ours, for a JSON Schema
  if ('code' in issue && issue.code === 'unrecognized_key') return [{ key: `${at.key}${place}`, says: 'is not known to the schema' }]
  return [{ key: `${at.key}${place}`, says: `is ${kindOf(found.value)}${said}` }]
}

function described({ key, place }: { readonly key: string; readonly place?: string }): { readonly key: string } {
  return { key: place === undefined ? key : `${key} (${place})` }
}

/** What kind of problem: the library's code, and its expectation where that is the name of a type. Its message is not used: it may quote the value. */
function wordsOf(issue: StandardSchemaV1.Issue): string {
  const { code, type, expected } = issue as { readonly code?: unknown; readonly type?: unknown; readonly expected?: unknown }
  const kind = [code, type].find((word) => isWord(word))
  const wanted = isWord(expected) ? `expected ${expected}` : undefined
  const words = [wanted, kind].filter((word) => word !== undefined)
  return words.length === 0 ? '' : `, ${words[0]}${words[1] === undefined ? '' : ` (${String(words[1])})`}`
}

/** Types and codes are short words of small letters. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z_]{0,30}$/.test(value)
}

function pathOf({ path }: StandardSchemaV1.Issue): readonly string[] {
  return (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
}

/** zod tells of unknown keys at the object that has them. */
function unknownKeys(issue: StandardSchemaV1.Issue): readonly string[] {
  const { code, keys } = issue as { readonly code?: unknown; readonly keys?: unknown }
  return code === 'unrecognized_keys' && Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
}

function valueAt(values: unknown, path: readonly string[]): { readonly value: unknown } | undefined {
  let value = values
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value === undefined ? undefined : { value }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value === '') return 'an empty text'
  return { string: 'a text', number: 'a number', boolean: 'a boolean', object: 'a map' }[typeof value as string] ?? typeof value
}
