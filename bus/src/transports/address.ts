import { BusError } from '../errors.js'

/** Where brokers are and who wants in, as a URL says it. */
export interface Address {
  readonly scheme: string
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly credentials: Credentials | undefined
  /** What stands behind the hosts, without its slash, decoded. */
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** What a kind of URL may say. */
export interface AddressRules {
  readonly port: number
  readonly parameters: readonly string[]
}

const URL_FORM = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/i
const HOST_FORM = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i

/**
 * Reads `scheme://user:password@host:port,host2:port2/path?name=value`: several hosts in one URL are what brokers have and WHATWG URLs have not. Throws
 * 'invalid-url', without what stands before the `@`.
 */
export function parseAddress(url: string, rules: AddressRules): Address {
  const [, scheme = '', login, authority = '', path = '', query = ''] = URL_FORM.exec(url) ?? []
  const shown = withoutSecrets(url)
  if (scheme === '')
    throw new BusError('invalid-url', `Got ${shown}, expected scheme://[user:password@]host[:port][,host…][/path][?name=value]`)
  const hosts = authority.split(',').map((text) => parseHost(text.trim(), { port: rules.port, shown }))
  const parameters = new Map(new URLSearchParams(query))
  for (const name of parameters.keys()) {
    if (!rules.parameters.includes(name))
      throw new BusError('invalid-url', `Got the parameter "${name}" in ${shown}, expected one of: ${rules.parameters.join(', ')}`)
  }
  return { scheme: scheme.toLowerCase(), hosts, credentials: parseLogin(login, shown), path: decode(path, shown), parameters }
}

/** A URL as it may be shown: without credentials and parameters. */
export function withoutSecrets(url: string): string {
  return url.replace(/\?.*$/s, '').replace(/^([^:/]*:\/\/)?.*@/s, '$1')
}

/** The hosts as a message names them. */
export function hostsOf({ hosts }: Address): string {
  return hosts.map(({ host, port }) => `${host}:${port}`).join(', ')
}

function parseHost(text: string, { port, shown }: { readonly port: number; readonly shown: string }) {
  const [, ipv6, name, number = String(port)] = HOST_FORM.exec(text) ?? []
  const host = ipv6 ?? name
  if (host === undefined || Number(number) < 1 || Number(number) > 65_535)
    throw new BusError('invalid-url', `Got "${text}" as a host in ${shown}, expected host, host:port or [address]:port`)
  return { host, port: Number(number) }
}

function parseLogin(login: string | undefined, shown: string): Credentials | undefined {
  if (login === undefined || login === '') return undefined
  const colon = login.indexOf(':')
  const [user, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]
  return { user: decode(user, shown), password: decode(password, shown) }
}

function decode(text: string, shown: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not the cause: it might name the password.
    throw new BusError('invalid-url', `Got a broken percent-encoding in ${shown}, expected %25 for a percent sign`)
  }
}
