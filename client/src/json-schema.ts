import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError } from './errors.js'
import type { Json } from './json.js'

/** Draft 7, 2019-09 or 2020-12, as `$schema` says; draft 7 where it says nothing. */
export type JsonSchema = Readonly<Record<string, unknown>>

export interface JsonSchemaOptions {
  /** An Ajv of your own, for formats, keywords and other drafts. It changes what it checks, so give it `coerceTypes`, `useDefaults` and `allErrors` too. */
  readonly ajv?: AjvLike
}

/** What is needed of an Ajv. */
export interface AjvLike {
  readonly compile: (schema: JsonSchema) => Validate
}

interface Validate {
  (data: unknown, place: Place): unknown
  errors?: readonly Complaint[] | null
}

/** Where ajv puts a value that it changes: a schema may be of one text or number. */
interface Place {
  readonly instancePath: string
  readonly parentData: Record<string, unknown>
  readonly parentDataProperty: string
  readonly rootData: Record<string, unknown>
  readonly dynamicAnchors: Record<string, never>
}

interface Complaint {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/**
 * A JSON Schema as a schema for `load`: texts become the numbers and booleans that it asks for, defaults are filled in, all complaints are told. The package
 * `ajv` (8) has to be installed; it is loaded at the first use, which throws 'missing-package', or 'bad-options' for what is no schema.
 */
export function jsonSchema<T = Readonly<Record<string, Json>>>(
  schema: JsonSchema,
  { ajv }: JsonSchemaOptions = {},
): StandardSchemaV1<unknown, T> {
  let compiling: Promise<Validate> | undefined
  const validate = async (value: unknown): Promise<StandardSchemaV1.Result<T>> => {
    compiling ??= compile(schema, ajv)
    return check<T>(await compiling, value)
  }
  return { '~standard': { version: 1, vendor: 'carillon', validate } }
}

const OPTIONS = {
  allErrors: true,
  coerceTypes: true,
  useDefaults: true,
  // A word that ajv does not know is a mistake; a type that goes without saying is none.
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  logger: false,
} as const

const drafts = new Map([
  ['http://json-schema.org/draft-07/schema', async () => new (await import('ajv')).Ajv(OPTIONS)],
  ['https://json-schema.org/draft/2019-09/schema', async () => new (await import('ajv/dist/2019.js')).Ajv2019(OPTIONS)],
  ['https://json-schema.org/draft/2020-12/schema', async () => new (await import('ajv/dist/2020.js')).Ajv2020(OPTIONS)],
])

async function compile(schema: JsonSchema, given: AjvLike | undefined): Promise<Validate> {
  const ajv = given ?? (await ajvFor(schema))
  try {
    return ajv.compile(schema)
  } catch (cause) {
    const says = cause instanceof Error ? cause.message : String(cause)
    const hint = says.includes('unknown format')
      ? 'Formats need an Ajv that knows them: jsonSchema(schema, { ajv: addFormats(new Ajv(…)) }).'
      : undefined
    throw new ConfigError('bad-options', `The JSON Schema cannot be used: ${says}`, hint === undefined ? { cause } : { cause, hint })
  }
}

async function ajvFor({ $schema }: JsonSchema): Promise<AjvLike> {
  const [draft07] = drafts.keys()
  const make = drafts.get(String($schema ?? draft07).replace(/#$/, ''))
  if (make === undefined)
    throw new ConfigError('bad-options', `The JSON Schema is of ${String($schema)}, expected one of: ${[...drafts.keys()].join(', ')}`)
  try {
    return await make()
  } catch (cause) {
    throw new ConfigError('missing-package', 'jsonSchema() needs the package ajv, which cannot be loaded.', {
      cause,
      hint: 'npm install ajv',
    })
  }
}

function check<T>(validate: Validate, value: unknown): StandardSchemaV1.Result<T> {
  const holder: Record<string, unknown> = { value: copyOf(value) }
  const place = { instancePath: '', parentData: holder, parentDataProperty: 'value', rootData: holder, dynamicAnchors: {} }
  if (validate(holder.value, place)) return { value: holder.value as T }
  return { issues: (validate.errors ?? []).map((complaint) => issueOf(complaint, holder.value)) }
}

/** Ajv writes into what it checks, and what it is given may be frozen, or somebody else's. `load` looks on through proxies first, which are its to lose. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}

/** With the word that failed, and the type that it wanted: what `load` may tell of an issue, because both stand in the schema. */
interface Issue extends StandardSchemaV1.Issue {
  readonly code: string
  readonly expected?: string
}

function issueOf({ keyword, instancePath, params, message = `fails "${keyword}"` }: Complaint, value: unknown): Issue {
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } = params
  const unknown = additionalProperty ?? unevaluatedProperty
  const named = missingProperty ?? unknown
  const path = [...segmentsOf(instancePath, value), ...(typeof named === 'string' ? [named] : [])]
  // What is allowed stands in the schema, which is no secret; ajv leaves it out.
  const allowed = Array.isArray(allowedValues) ? `: ${allowedValues.map((each) => JSON.stringify(each)).join(', ')}` : ''
  const { type } = params
  const code = unknown === undefined ? keyword : 'unrecognized_key'
  return { message: `${message}${allowed}`, path, code, ...(typeof type === 'string' ? { expected: type } : {}) }
}

/** The segments of a JSON pointer; those that lead into a list are numbers. */
function segmentsOf(pointer: string, value: unknown): PropertyKey[] {
  let at = value
  return pointer
    .split('/')
    .slice(1)
    .map((text) => {
      const name = text.replaceAll('~1', '/').replaceAll('~0', '~')
      const segment = Array.isArray(at) ? Number(name) : name
      at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined
      return segment
    })
}
