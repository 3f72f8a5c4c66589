import { MASK, maskSecrets } from '@carillon/environment'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { entryAt, keyOf } from './document.js'
import type { Entry } from './layers.js'
import { ownKeywords, type SettingNode } from './nodes.js'
import { gitSchema, nativeSchema } from './repository-schema.js'
import { settingsSchema } from './schema.js'
import { knownKeys, nearest } from './suggest.js'

type Path = readonly (string | number)[]

/** A document and who said what in it. */
export interface Checking {
  readonly document: Record<string, unknown>
  readonly entries: ReadonlyMap<string, Entry>
}

const COMPOSITE = 'spring.cloud.config.server.composite'

/** A test checks the schemas themselves; doing it at each start would double the time that compiling takes. */
const ajv = (): Ajv =>
  new Ajv({
    allErrors: true,
    useDefaults: true,
    verbose: true,
    messages: false,
    meta: false,
    validateSchema: false,
    // Making the code shorter takes longer than running it once.
    code: { optimize: false },
    keywords: [...ownKeywords],
  })

const compiled = new Map<SettingNode, ValidateFunction>()

/** Compiled when first used: an import costs nothing, and few settings have composite entries. */
function validatorOf(schema: SettingNode): ValidateFunction {
  const validate = compiled.get(schema) ?? ajv().compile(schema)
  compiled.set(schema, validate)
  return validate
}

const entrySchemas: ReadonlyMap<unknown, SettingNode> = new Map([
  ['git', gitSchema],
  ['native', nativeSchema],
])

/** Checks a settings document against the schema and writes the defaults into it. Returns the problems, each with its place. */
export function checkDocument({ document, entries }: Checking): readonly string[] {
  const problems = problemsOf(validatorOf(settingsSchema), document, { entries, path: [] })
  if (problems.length > 0) return problems
  const composite = document[COMPOSITE] as Record<string, unknown>[]
  return composite.flatMap((entry, index) => {
    // A type that is neither is a backend's affair.
    const schema = entrySchemas.get(entry.type)
    if (schema === undefined) return []
    const { type, ...rest } = entry
    const found = problemsOf(validatorOf(schema), rest, { entries, path: [COMPOSITE, index] })
    composite[index] = { type, ...rest }
    return found
  })
}

interface Where {
  readonly entries: ReadonlyMap<string, Entry>
  readonly path: Path
}

function problemsOf(validate: ValidateFunction, data: unknown, where: Where): readonly string[] {
  if (validate(data)) return []
  return (validate.errors ?? []).map((error) => problemOf(error, where))
}

function problemOf(error: ErrorObject, { entries, path }: Where): string {
  const at = [...path, ...pathOf(error.instancePath)]
  if (error.keyword === 'additionalProperties') return unknownKey(at, error, entries)
  const entry = entryAt(entries, at)
  const place = entry === undefined ? '' : ` (${entry.place})`
  if (error.keyword === 'required') return `${keyOf([...at, String(error.params.missingProperty)])}${place} is missing`
  const node = error.parentSchema as SettingNode
  return `${keyOf(at)}${place}: got ${entry?.secret ? MASK : shown(error.data, node)}, expected ${expected(node)}`
}

function unknownKey(at: Path, error: ErrorObject, entries: ReadonlyMap<string, Entry>): string {
  const rest = String(error.params.additionalProperty)
  const entry = entryAt(entries, [...at, rest])
  const written = entry?.key ?? keyOf([...at, rest])
  const siblings = Object.keys((error.parentSchema as SettingNode).properties ?? {}).map((name) => keyOf([...at, name]))
  const suggestion = nearest(written, [...siblings, ...knownKeys()], entry?.spelling ?? 'key')
  return `${written}${entry === undefined ? '' : ` (${entry.place})`} is not a known key; the nearest is ${suggestion}`
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function shown(value: unknown, node: SettingNode): string {
  if (value === undefined) return 'nothing'
  if (node.secret) return MASK
  return typeof value === 'string' ? `"${maskSecrets(value)}"` : typeof value === 'object' ? 'keys below it' : String(value)
}

function expected({ type, enum: choices, minimum, maximum }: SettingNode): string {
  if (choices !== undefined) return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`
  switch (type) {
    case 'integer':
      return `a whole number${minimum === undefined ? '' : maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list'
    case 'string':
      return 'a text'
    case 'object':
      return 'keys below it'
    default:
      return type satisfies never
  }
}
