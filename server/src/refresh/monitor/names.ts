/** A file's last name longer than this is on no disk, and as a name of an application it would cost its square. */
const MAX_NAME = 255
/** More names than this stand for everybody: a longer list would only be slower. */
const MAX_NAMES = 10_000

/**
 * The names that Spring would tell of changed files (spring-compat 6.2), in order of discovery: the name of a file, and what is left of it each time its
 * last dash and what follows go. Folders count for nothing; `application` is `*`.
 */
export function namesOf(paths: Iterable<string>): readonly string[] {
  const names = new Set<string>()
  for (const path of paths) {
    addNames(stemOf(path), names)
    if (names.size > MAX_NAMES) return ['*']
  }
  return [...names]
    .map((name) => (name === 'application' ? '*' : name))
    .filter((name, index, all) => name !== '*' || all.indexOf('*') === index)
}

function addNames(stem: string, names: Set<string>): void {
  if (stem.length > MAX_NAME) return
  let name = stem
  // What a known name leads to is known as well.
  while (!names.has(name)) {
    names.add(name)
    const dash = name.lastIndexOf('-')
    if (dash === -1) return
    name = name.slice(0, dash)
  }
}

function stemOf(path: string): string {
  const name = lastName(path.replaceAll('\\', '/').split('/'))
  const dot = name.lastIndexOf('.')
  return dot === -1 ? name : name.slice(0, dot)
}

/** The last segment that `.` and `..` leave over. */
function lastName(segments: readonly string[]): string {
  let up = 0
  for (const segment of segments.toReversed()) {
    if (segment === '.') continue
    if (segment === '..') up++
    else if (up > 0) up--
    else return segment
  }
  return up > 0 ? '..' : ''
}
