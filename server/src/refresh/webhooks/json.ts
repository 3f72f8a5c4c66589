import { ServerError } from '../../errors.js'

/** A JSON object from outside: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Throws `invalid-request` for what is not the text of one JSON object, or is nested deeper than any delivery. */
export function jsonObject(text: string): JsonObject {
  // The parser needs seconds for megabytes of brackets.
  if (isDeep(text)) throw new ServerError('invalid-request', `The body is nested more than ${MAX_DEPTH} levels deep.`)
  const value = parse(text)
  if (isObject(value)) return value
  throw new ServerError('invalid-request', `The body is ${kindOf(value)}: expected a JSON object.`)
}

/** What stands at the end of a path of own members; `undefined` where there is no such path. */
export function memberOf(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const name of path) {
    if (!isObject(current) || !Object.hasOwn(current, name)) return undefined
    current = current[name]
  }
  return current
}

/** A text at the end of a path; `undefined` where there is something else, or more text than any name or address has. */
export function textOf(value: unknown, ...path: readonly string[]): string | undefined {
  const text = memberOf(value, ...path)
  return typeof text === 'string' && text.length <= MAX_TEXT ? text : undefined
}

/** A list at the end of a path, `undefined` where there is something else. */
export function listOf(value: unknown, ...path: readonly string[]): readonly unknown[] | undefined {
  const list = memberOf(value, ...path)
  return Array.isArray(list) ? list : undefined
}

const MAX_TEXT = 2_048
const MAX_DEPTH = 100

/** Counts brackets outside of texts: a commit message may hold any number of them. */
function isDeep(text: string): boolean {
  let depth = 0
  let isText = false
  for (let index = 0; index < text.length && depth <= MAX_DEPTH; index++) {
    const sign = text[index]
    if (sign === '"') isText = !isText
    else if (isText) index += sign === '\\' ? 1 : 0
    else depth += stepOf(sign)
  }
  return depth > MAX_DEPTH
}

function stepOf(sign: string | undefined): number {
  if (sign === '[' || sign === '{') return 1
  return sign === ']' || sign === '}' ? -1 : 0
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The message of the parser may quote the body, which is not for a log.
    throw new ServerError('invalid-request', text === '' ? 'The body is empty: expected a JSON object.' : 'The body is not JSON.')
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
