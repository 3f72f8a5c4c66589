import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { readText } from './refs.js'

/** What is at a path. `root` is the work tree (the Git directory itself where bare), `inside` the path below it, `''` for the root. */
export type FoundRepository =
  | { readonly kind: 'work-tree' | 'bare'; readonly gitdir: string; readonly root: string; readonly inside: string }
  | { readonly kind: 'folder' | 'absent'; readonly root: string }

/** Finds the repository that a path is in or is: a work tree, a folder below one, or a bare repository. Looks upwards as `git` does. */
export async function findRepository(path: string): Promise<FoundRepository> {
  const start = resolve(path)
  if (!(await isFolder(start))) return { kind: 'absent', root: start }
  for (let root = start; ; root = dirname(root)) {
    const gitdir = await findGitdir(root)
    const inside = relative(root, start)
    if (gitdir === root) return { kind: 'bare', gitdir, root, inside }
    if (gitdir !== undefined) return { kind: 'work-tree', gitdir, root, inside }
    if (root === dirname(root)) return { kind: 'folder', root: start }
  }
}

/** The Git directory of a folder: its `.git`, what a `.git` file names, or the folder itself where it is bare; `undefined` where it is none. */
export async function findGitdir(root: string): Promise<string | undefined> {
  const dot = join(root, '.git')
  if (await looksLikeGitdir(dot)) return dot
  const named = /^gitdir: (.+)/.exec((await readText(dot)) ?? '')?.[1]?.trim()
  if (named !== undefined) return isAbsolute(named) ? named : resolve(root, named)
  return (await looksLikeGitdir(root)) ? root : undefined
}

/** A Git directory, and how it keeps what it has. */
export interface GitPlace {
  readonly gitdir: string
  /** Where refs and objects are: another folder than the Git directory of a linked work tree. */
  readonly commonDir: string
  readonly idLength: 40 | 64
  readonly refs: 'files' | 'reftable'
  /** What is unusual, in words that name its kind; `undefined` for a plain repository. Only the system's `git` reads an unusual one. */
  readonly unusual: string | undefined
}

/** Looks at a Git directory; reads little, and no object. */
export async function findPlace(gitdir: string): Promise<GitPlace> {
  const common = (await readText(join(gitdir, 'commondir')))?.trim()
  const commonDir = common === undefined ? gitdir : resolve(gitdir, common)
  const config = parseConfig((await readText(join(commonDir, 'config'))) ?? '')
  const format = config.get('extensions.objectformat') ?? 'sha1'
  const storage = config.get('extensions.refstorage') ?? 'files'
  const promised = [...config].some(([key, value]) => key.startsWith('remote.') && key.endsWith('.promisor') && value === 'true')
  const unusual = [
    common !== undefined && 'a linked work tree (git worktree)',
    ((await readText(join(commonDir, 'objects/info/alternates'))) ?? '').trim() !== '' && 'a repository that borrows objects (alternates)',
    format !== 'sha1' && `a repository with ${format} object ids`,
    storage !== 'files' && `a repository with ${storage} refs`,
    (promised || config.has('extensions.partialclone')) && 'a partial clone',
  ].find((text) => text !== false)
  return { gitdir, commonDir, idLength: format === 'sha256' ? 64 : 40, refs: storage === 'reftable' ? 'reftable' : 'files', unusual }
}

/** A Git configuration file as `section.subsection.key`, lower case except the subsection; the last value of a key counts. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let section = ''
  for (const line of text.split('\n')) {
    const head = /^\s*\[([\w.-]+)(?:\s+"(.*)")?\]/.exec(line)
    if (head !== null) section = head[2] === undefined ? `${head[1]?.toLowerCase()}` : `${head[1]?.toLowerCase()}.${head[2]}`
    const pair = /^\s*([a-zA-Z][\w-]*)\s*(?:=\s*(.*?))?\s*$/.exec(line.replace(/^\s*\[[^\]]*\]/, ''))
    if (pair !== null) values.set(`${section}.${pair[1]?.toLowerCase()}`, (pair[2] ?? 'true').replace(/^"(.*)"$/, '$1'))
  }
  return values
}

async function looksLikeGitdir(path: string): Promise<boolean> {
  const head = await readText(join(path, 'HEAD'))
  return head !== undefined && (await isFolder(join(path, 'objects'))) && (await isFolder(join(path, 'refs')))
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
