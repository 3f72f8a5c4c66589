/**
 * A path without `.`, `..` and empty segments, a leading `/` kept; `undefined` where it leaves the root or holds a NUL.
 * A final `/` is dropped, so the root folder is `''` or `/`.
 */
export function cleanPath(path: string): string | undefined {
  if (!UNCLEAN.test(path)) return path
  if (path.includes('\0')) return undefined
  const clean: string[] = []
  for (const segment of path.replaceAll('\\', '/').split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') clean.push(segment)
    else if (clean.pop() === undefined) return undefined
  }
  return (path.startsWith('/') ? '/' : '') + clean.join('/')
}

/** A segment that is empty, `.` or `..`, or a character that is not as it should be. */
const UNCLEAN = /(?:^|\/)\.{0,2}(?:\/|$)|[\\\0]/
