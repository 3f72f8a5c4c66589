/** An address as a hint may carry it: no credentials, one line; `undefined` where it is none. */
export function repositoryAddress(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || /[\s\x00-\x1f\x7f]/.test(text)) return undefined
  const url = parsed(text)
  // What looks like a URL and is none may still hold credentials.
  if (url === undefined) return text.includes('://') ? undefined : text
  url.username = ''
  url.password = ''
  return url.href
}

/**
 * Whether two addresses name the same repository whichever protocol they use: host and path, without user, port, `.git`, letter case and the
 * `/scm/` of Bitbucket Data Center. A server that is known under several host names is not seen through.
 */
export function isSameRepository(one: string, other: string): boolean {
  return nameOf(one) === nameOf(other)
}

function nameOf(address: string): string {
  const url = parsed(address)
  const [host, path] = url === undefined ? scpParts(address) : [url.hostname, url.pathname]
  const name = trimSlashes(path)
    .replace(/\.git$/i, '')
    .replace(/^scm\//i, '')
  return `${host}/${name}`.toLowerCase()
}

/** `git@host:path`, which is no URL. */
function scpParts(address: string): readonly [string, string] {
  const colon = address.indexOf(':')
  if (colon === -1) return ['', address]
  const authority = address.slice(0, colon)
  return [authority.slice(authority.lastIndexOf('@') + 1), address.slice(colon + 1)]
}

function trimSlashes(path: string): string {
  let [start, end] = [0, path.length]
  while (start < end && path[start] === '/') start++
  while (end > start && path[end - 1] === '/') end--
  return path.slice(start, end)
}

function parsed(address: string): URL | undefined {
  return address.includes('://') && URL.canParse(address) ? new URL(address) : undefined
}
