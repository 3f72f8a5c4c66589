import type { Snapshot, Tree } from '../trees/tree.js'

/** What the placeholders of a search path stand for. A label that is absent leaves `{label}` as it is. */
export interface PathVariables {
  readonly applications: readonly string[]
  readonly profiles: readonly string[]
  readonly label?: string
}

/** Each pattern for each profile, for each application: the order in which Spring expands them, without repetitions. */
export function expandVariables(patterns: readonly string[], { applications, profiles, label }: PathVariables): readonly string[] {
  const expanded = new Set<string>()
  for (const pattern of patterns) {
    for (const profile of new Set(profiles)) {
      for (const application of new Set(applications)) {
        const path = pattern.replaceAll('{application}', () => application).replaceAll('{profile}', () => profile)
        expanded.add(label === undefined ? path : path.replaceAll('{label}', () => label))
      }
    }
  }
  return [...expanded]
}

/**
 * The folders that Ant-style search paths mean in a snapshot, weakest first, each once; the root comes first whatever is listed. `*` stands for
 * any characters of one segment, `**` for any number of segments, `?` for itself; the matches of one pattern are sorted; what is missing gives
 * nothing, and so does what would leave the repository. (Spring: AbstractScmAccessor.)
 */
export async function matchFolders(tree: Tree, snapshot: Snapshot, paths: readonly string[]): Promise<readonly string[]> {
  const folders = new Set<string>([''])
  for (const path of paths) {
    const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
    if (segments.includes('..')) continue
    const matches = new Set<string>()
    await collect({ tree, snapshot, matches }, '', segments)
    for (const folder of [...matches].toSorted()) folders.add(folder)
  }
  return [...folders]
}

interface Collecting {
  readonly tree: Tree
  readonly snapshot: Snapshot
  readonly matches: Set<string>
}

async function collect(collecting: Collecting, folder: string, segments: readonly string[]): Promise<void> {
  const [segment, ...rest] = segments
  if (segment === undefined) {
    collecting.matches.add(folder)
    return
  }
  const entries = await collecting.tree.list(collecting.snapshot, folder)
  const matches = segment === '**' ? () => true : segment.includes('*') ? wildcard(segment) : (name: string) => name === segment
  const below = entries
    .filter(({ kind, name }) => kind === 'folder' && matches(name))
    .map(({ name }) => (folder === '' ? name : `${folder}/${name}`))
  // A final `**` is everything below, but not the folder itself.
  if (segment === '**' && rest.length > 0) await collect(collecting, folder, rest)
  for (const path of below) {
    if (segment === '**' && rest.length === 0) collecting.matches.add(path)
    await collect(collecting, path, segment === '**' ? segments : rest)
  }
}

/** Matches `*` without a regular expression, so that no pattern can make it slow. */
export function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop() ?? ''
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
    let position = first.length
    const end = text.length - last.length
    for (const part of parts) {
      const found = text.indexOf(part, position)
      if (found === -1 || found + part.length > end) return false
      position = found + part.length
    }
    return true
  }
}
