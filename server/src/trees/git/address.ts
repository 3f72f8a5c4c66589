import type { ProxySettings, SshSettings } from '../../settings/settings.js'

/** How to reach a remote: plain data. */
export interface RemoteOptions {
  /** A URL, perhaps with credentials. */
  readonly uri: string
  readonly username?: string
  readonly password?: string
  /** Seconds for connecting and for silence, above 0. */
  readonly timeout: number
  readonly skipSslValidation: boolean
  readonly trustCertificate?: string
  /** Heeded for ssh alone. */
  readonly ssh?: SshSettings
  readonly proxy: { readonly http?: ProxySettings; readonly https?: ProxySettings }
}

/** `user@host:path`, or in brackets an IPv6 address or a host with its port. */
const SHORT = /^([^/:@]+)@(?:\[([^\]]+)\]|([^/:]+)):/

/** The scheme of an address in lower case, `ssh` for `user@host:path`; `undefined` for a path. */
export function schemeOf(uri: string): string | undefined {
  if (SHORT.test(uri)) return 'ssh'
  return /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
}

/** The address without credentials, query and fragment: what may be shown and asked. The user of ssh stays: it belongs to the place. */
export function bareUrl(uri: string): string {
  if (isShort(uri)) return uri.replace(/\/+$/, '')
  const url = new URL(uri)
  if (url.protocol !== 'ssh:') url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href.replace(/\/+$/, '')
}

/** `user@host:path`, which is no URL. */
function isShort(uri: string): boolean {
  return schemeOf(uri) === 'ssh' && !/^ssh:/i.test(uri)
}

/** Name and password: the settings' where the name is not blank, else those in the URL. Absent where neither says any. */
export function findCredentials({ uri, username = '', password = '' }: Pick<RemoteOptions, 'uri' | 'username' | 'password'>) {
  if (username.trim() !== '') return { username, password }
  if (isShort(uri)) return password === '' ? undefined : { username: sshPlace(uri).user ?? '', password }
  const url = new URL(uri)
  if (url.username === '' && url.password === '') return undefined
  return { username: decode(url.username), password: decode(url.password) }
}

/** The host, port and user of an ssh address. */
export function sshPlace(uri: string): { readonly host: string; readonly port: string; readonly user: string | undefined } {
  const [, short, bracketed, plain] = SHORT.exec(uri) ?? []
  if (short !== undefined) {
    const [, host, port = '22'] = /^([^:]+):(\d+)$/.exec(bracketed ?? '') ?? [undefined, bracketed ?? plain]
    return { host: host ?? '', port, user: short }
  }
  const { hostname, port, username } = new URL(uri)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || '22', user: username === '' ? undefined : decode(username) }
}

/** Texts that no message may repeat. */
export function secretsOf(options: RemoteOptions): readonly string[] {
  const password = findCredentials(options)?.password ?? ''
  const inUrl = isShort(options.uri) ? '' : new URL(options.uri).password
  const others = [options.ssh?.passphrase, options.proxy.http?.password, options.proxy.https?.password]
  const secrets = [password, ...others.map((text) => text ?? '')].flatMap((text) => [text, encodeURIComponent(text)])
  return [...secrets, inUrl].filter((text) => text.length > 2)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray `%` was meant as such.
    return text
  }
}

/** The proxy for a remote, and how it is written as a URL's host and port; `undefined` where the remote is asked directly. */
export function findProxy({
  uri,
  proxy,
}: Pick<RemoteOptions, 'uri' | 'proxy'>): (ProxySettings & { readonly authority: string }) | undefined {
  const { protocol, hostname } = new URL(uri)
  const found = protocol === 'https:' ? proxy.https : proxy.http
  if (found === undefined || isDirect(hostname, found.nonProxyHosts)) return undefined
  const host = found.host.includes(':') && !found.host.startsWith('[') ? `[${found.host}]` : found.host
  return { ...found, authority: `${host}:${found.port}` }
}

/** Whether a host is one of Java's `nonProxyHosts`: `*` stands for any characters, case does not count. */
export function isDirect(host: string, patterns: readonly string[]): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return patterns.some((pattern) => {
    const parts = pattern
      .replace(/^\[|\]$/g, '')
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(bare)
  })
}
