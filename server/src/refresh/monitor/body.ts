import { ServerError } from '../../errors.js'
import { type JsonObject, jsonObject } from '../webhooks/json.js'

/** The object that a JSON body is. Throws `invalid-request`. */
export function jsonBody(body: Buffer): JsonObject {
  return jsonObject(body.toString('utf8'))
}

/**
 * A form as the object that it stands for: `{"path": […]}`. Paths in the query come first. One value is a list with commas, several are taken as they
 * are (spring-compat 6). Throws `invalid-request` where there is no path, and for a form that Tomcat would not take apart either.
 */
export function formBody(body: Buffer, query: string): JsonObject {
  if (body.length > MAX_FORM) throw new ServerError('invalid-request', `The form has ${body.length} bytes: expected at most ${MAX_FORM}.`)
  const paths = [query, body.toString('utf8')].flatMap((text) => new URLSearchParams(text).getAll('path'))
  const [first, ...others] = paths
  if (first === undefined) throw new ServerError('invalid-request', 'The form has no field "path".')
  return { path: others.length > 0 ? paths : first === '' ? [] : first.split(',').map((path) => path.trim()) }
}

/** Tomcat's limit for forms (bytes). */
const MAX_FORM = 2 * 1024 * 1024
