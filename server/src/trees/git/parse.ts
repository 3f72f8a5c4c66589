import { isUtf8 } from 'node:buffer'
import type { Authored, TreeEntry } from '../tree.js'

const KINDS: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['40000', 'folder'],
  ['040000', 'folder'],
  ['120000', 'link'],
  ['160000', 'submodule'],
])

/**
 * The entries of a tree object (`mode SP name NUL id` repeated), sorted by code unit. Names that no path can reach
 * (`.git`, `..`, with a slash) are left out: isomorphic-git's own parser refuses the whole folder for some of them. Git knows no encoding of names: one
 * that is not UTF-8 is read as ISO-8859-1, as JGit does, unless another file has that name in UTF-8.
 */
export function parseTree(bytes: Uint8Array, idLength = 40): readonly TreeEntry[] {
  const idBytes = idLength / 2
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: TreeEntry[] = []
  const older: TreeEntry[] = []
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(0x20, at)
    const end = buffer.indexOf(0, space)
    if (space < 0 || end < 0 || end + 1 + idBytes > buffer.length) throw new Error('a tree object ends in the middle of an entry')
    const text = buffer.toString('utf8', space + 1, end)
    const isOlder = text.includes('\ufffd') && !isUtf8(buffer.subarray(space + 1, end))
    const name = isOlder ? buffer.toString('latin1', space + 1, end) : text
    const kind = KINDS.get(buffer.toString('latin1', at, space)) ?? 'file'
    if (isReachable(name)) (isOlder ? older : entries).push({ name, kind, id: buffer.toString('hex', end + 1, end + 1 + idBytes) })
    at = end + 1 + idBytes
  }
  const names = new Set(older.length === 0 ? [] : entries.map(({ name }) => name))
  entries.push(...older.filter(({ name }) => !names.has(name)))
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** Whether a name may be a segment of a path: not empty, not `.`, `..` or `.git`, without a slash. */
export function isReachable(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git' && !name.includes('/')
}

/** The id of a commit's root tree, from the text of the commit object. */
export function treeOfCommit(bytes: Uint8Array): string | undefined {
  return /^tree ([0-9a-f]{40,64})\n/.exec(Buffer.from(bytes.subarray(0, 80)).toString('latin1'))?.[1]
}

/** The id of what an annotated tag names, from the text of the tag object. */
export function targetOfTag(bytes: Uint8Array): string | undefined {
  return /^object ([0-9a-f]{40,64})\n/.exec(Buffer.from(bytes.subarray(0, 80)).toString('latin1'))?.[1]
}

const LONGEST_NAME = 100

/** The author's name and time, from the text of the commit object; a name says nothing that a log could take for a line of its own. */
export function authorOfCommit(bytes: Uint8Array): Authored | undefined {
  const head = new TextDecoder().decode(bytes).split('\n\n', 1)[0] ?? ''
  const match = /^author ([^\n]*?) ?<[^<>\n]*> (\d{1,11}) [-+]\d{4}$/m.exec(head)
  if (match === null) return undefined
  const [, name = '', seconds] = match
  const author = name.replace(/\p{C}/gu, '').trim().slice(0, LONGEST_NAME)
  return { author: author === '' ? 'nobody by name' : author, authored: new Date(Number(seconds) * 1000).toISOString().replace('.000', '') }
}
