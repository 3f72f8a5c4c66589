/** Headers with names in lower case, as Node gives them. */
export type HookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** A header by its name in lower case; `undefined` where it was not sent, `''` where it is empty. */
export function headerOf(headers: HookHeaders, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' ? value : value?.[0]
}

/** What a body is said to be. Every `application/*+json` is JSON (spring-compat 6). */
export type MediaType = 'json' | 'form' | 'other' | 'none'

/** The type of a body from `Content-Type`, parameters aside. */
export function mediaTypeOf(headers: HookHeaders): MediaType {
  const type = headerOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === '') return 'none'
  if (type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))) return 'json'
  return type === 'application/x-www-form-urlencoded' ? 'form' : 'other'
}
