import { ServerError } from '../errors.js'

/** What the placeholders of a repository's address stand for. */
export type AddressValues = Readonly<Record<'application' | 'profile' | 'label', string>>

/** The scheme, or where a path begins; that no placeholder stands in a host the settings see to. */
const BEGINNING = /^[^/:]*/
/** Dropped, decoded, or taken for an end or a slash by whoever reads an address. */
const UNSAFE = /[\p{Cc}%?#\\]/u

/**
 * A repository's address for one request. Throws `invalid-request` where what the request says would lead it out of its place: up the folders, to another host, or to
 * what only a reader of addresses makes of it (`%2e`, a tab between two dots).
 */
export function expandAddress(template: string, values: AddressValues): string {
  const [beginning] = BEGINNING.exec(template) ?? ['']
  fill(beginning, values, /[^\w.-]/)
  const expanded = fill(template, values, UNSAFE)
  if (dotsIn(expanded) !== dotsIn(template)) throw outOfPlace()
  return expanded
}

function fill(template: string, values: AddressValues, unsafe: RegExp): string {
  return template.replace(/\{(application|profile|label)\}/g, (_, name: keyof AddressValues) => {
    if (unsafe.test(values[name])) throw outOfPlace()
    return values[name]
  })
}

function dotsIn(address: string): number {
  return address.split('/').filter((segment) => segment === '.' || segment === '..').length
}

function outOfPlace(): ServerError {
  return new ServerError('invalid-request', 'The request leads the address of the repository out of its place.')
}
