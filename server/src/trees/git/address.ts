import type { ProxySettings } from '../../settings/settings.js'

/** How to reach a remote: plain data, so that it can travel to a worker thread. */
export interface RemoteOptions {
  /** A URL, perhaps with credentials. */
  readonly uri: string
  readonly username?: string
  readonly password?: string
  /** Seconds for connecting and for silence. */
  readonly timeout: number
  readonly skipSslValidation: boolean
  readonly trustCertificate?: string
  readonly proxy: { readonly http?: ProxySettings; readonly https?: ProxySettings }
}

/** The URL without user, password, query and fragment: what may be shown and asked. */
export function bareUrl(uri: string): string {
  const url = new URL(uri)
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href.replace(/\/+$/, '')
}

/** Name and password: the settings' where the name is not blank, else those in the URL. Absent where neither says any. */
export function findCredentials({ uri, username = '', password = '' }: Pick<RemoteOptions, 'uri' | 'username' | 'password'>) {
  if (username.trim() !== '') return { username, password }
  const url = new URL(uri)
  if (url.username === '' && url.password === '') return undefined
  return { username: decode(url.username), password: decode(url.password) }
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
