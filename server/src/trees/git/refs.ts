import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ServerError } from '../../errors.js'

/** A commit or tag id by full ref name (`refs/heads/main`), or for `HEAD` a ref name behind `ref: `. */
export type FindRef = (name: string) => Promise<string | undefined>

/** A full object id: SHA-1 or SHA-256. */
export const OID = /^([0-9a-f]{40}|[0-9a-f]{64})$/
const DEEPEST_LINK = 5

/** Whether text may be the name of a branch or tag: the rules of `git check-ref-format`, and no leading `-`. Such a name is safe below a folder. */
export function isRefName(text: string): boolean {
  if (text.length === 0 || text.length > 1000 || text.startsWith('-') || text.endsWith('.') || text.includes('..') || text.includes('@{'))
    return false
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(text)) return false
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Follows `ref: ` links to an id; `undefined` where the name leads nowhere, or in circles. */
export async function resolveRef(find: FindRef, name: string, links = 0): Promise<string | undefined> {
  const value = await find(name)
  if (value === undefined || OID.test(value)) return value
  const target = /^ref: *(refs\/[^\n]+)$/.exec(value)?.[1]
  if (target === undefined || links === DEEPEST_LINK || !isRefName(target)) return undefined
  return resolveRef(find, target, links + 1)
}

/** The refs of a repository as they are now. */
export interface Refs {
  /** Names must have passed `isRefName`. */
  readonly find: FindRef
  /** Full names of the branches and tags. */
  readonly list: () => Promise<readonly string[]>
}

export interface RefsPlace {
  readonly gitdir: string
  /** Where all work trees of a repository have their refs. */
  readonly commonDir: string
}

/** Refs as files: a loose one first, then `packed-refs`. Each work tree has a HEAD of its own. */
export function openDiskRefs({ gitdir, commonDir }: RefsPlace): Refs {
  const find: FindRef = async (name) => {
    const folder = name.startsWith('refs/') && !/^refs\/(bisect|worktree|rewritten)\//.test(name) ? commonDir : gitdir
    // By what Git takes for white space: JavaScript knows more of it, which names may hold.
    const loose = (await readText(join(folder, name)))?.replace(/[ \t\r\n]+$/, '')
    if (loose !== undefined && (OID.test(loose) || loose.startsWith('ref:'))) return loose
    if (loose !== undefined && name.startsWith('refs/')) throw damagedRef(name)
    return parsePackedRefs((await readText(join(commonDir, 'packed-refs'))) ?? '').get(name)
  }
  return { find, list: () => listDiskRefs(commonDir) }
}

/** What was packed before is older: who was served it would go back without a word. */
function damagedRef(name: string): ServerError {
  return new ServerError('repository-failed', `the ref ${name} is damaged: its file holds neither an id nor the name of another ref`)
}

/** The refs of a `packed-refs` file; lines of peeled tags and comments are skipped. */
export function parsePackedRefs(text: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>()
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const id = line.slice(0, Math.max(space, 0))
    if (OID.test(id)) refs.set(line.slice(space + 1), id)
  }
  return refs
}

async function listDiskRefs(gitdir: string): Promise<readonly string[]> {
  const loose = await Promise.all(LABELLED.map((prefix) => filesBelow(gitdir, prefix)))
  return [...loose.flat(), ...parsePackedRefs((await readText(join(gitdir, 'packed-refs'))) ?? '').keys()]
}

async function filesBelow(gitdir: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(gitdir, folder), { withFileTypes: true, recursive: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && isRefName(entry.name))
    .map(({ parentPath, name }) => relative(gitdir, join(parentPath, name)).split(sep).join('/'))
}

const LABELLED = ['refs/heads/', 'refs/remotes/origin/', 'refs/tags/'] as const

/** The labels that full names of refs give, each once: branches first, here or of the remote, then tags. */
export function labelsOf(refNames: Iterable<string>): readonly string[] {
  const names = [...refNames]
  const labels = LABELLED.flatMap((prefix) => names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)))
  return [...new Set(labels)].filter((label) => label !== 'HEAD')
}

/**
 * The text of a `packed-refs` file. Not declared sorted or peeled, so that Git makes no assumptions about it; Git passes over what it does not know in the
 * first line, which says by a checksum what follows.
 */
export function formatPackedRefs(refs: ReadonlyMap<string, string>): string {
  const lines = [...refs].map(([name, id]) => `${id} ${name}\n`).join('')
  return `${HEAD_OF_PACKED}carillon-${sumOf(lines)} \n${lines}`
}

const HEAD_OF_PACKED = '# pack-refs with: '

/** Whether a `packed-refs` file was written by us, whatever became of it behind its first line. */
export function isOurPackedRefs(text: string): boolean {
  return /^# pack-refs with: carillon-[0-9a-f]{16} \n/.test(text)
}

/** Whether a `packed-refs` file is as it was written, as far as can be told: of one that Git wrote, it has its first line and ends with a line. */
export function isWholePackedRefs(text: string): boolean {
  const end = text.indexOf('\n')
  const sum = /carillon-([0-9a-f]+) $/.exec(text.slice(0, Math.max(end, 0)))?.[1]
  if (sum !== undefined) return sum === sumOf(text.slice(end + 1))
  return text.startsWith(HEAD_OF_PACKED) && text.endsWith('\n')
}

function sumOf(lines: string): string {
  return createHash('sha256').update(lines).digest('hex').slice(0, 16)
}

/** A file's text, `undefined` where there is no such file (a folder is none, nor is a name too long for one). */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') return undefined
    throw error
  }
}
