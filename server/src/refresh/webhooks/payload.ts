import { ServerError } from '../../errors.js'
import { type HookHeaders, mediaTypeOf } from './headers.js'
import { type JsonObject, jsonObject } from './json.js'

/** The object that a delivery carries: JSON, or a form with JSON in `payload` (GitHub's and Gitea's other content type). Throws `invalid-request`. */
export function payloadOf(headers: HookHeaders, body: Buffer): JsonObject {
  const text = body.toString('utf8')
  if (mediaTypeOf(headers) !== 'form') return jsonObject(text)
  const payload = fieldOf(text, 'payload')
  if (payload === undefined) throw new ServerError('invalid-request', 'The form has no field "payload".')
  return jsonObject(payload)
}

/** The first field of this name. A form is not taken apart for it: one of megabytes may hold millions of fields. */
function fieldOf(form: string, name: string): string | undefined {
  const start = `&${form}`.indexOf(`&${name}=`)
  if (start === -1) return undefined
  const end = form.indexOf('&', start)
  const field = new URLSearchParams(form.slice(start, end === -1 ? undefined : end))
  return field.get(name) ?? undefined
}
