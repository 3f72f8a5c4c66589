import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CIPHER_PREFIX } from '@carillon/environment'
import { CommandError } from '../failure.js'

/** A file with `{cipher}` somewhere in it; its path is relative to the folder, with slashes. */
export interface CipherFile {
  readonly path: string
  readonly bytes: Buffer
}

/** The files below a folder that hold `{cipher}`. */
export interface CipherFiles {
  /** YAML and properties, whose values can be told apart. */
  readonly readable: readonly CipherFile[]
  /** Paths of all others. */
  readonly others: readonly string[]
}

/** What the server never serves, and what others have written. */
const SKIPPED = new Set(['.git', 'node_modules'])

/** Looks through a folder, in the order of its names; links are not followed. Throws 'usage' where there is none. */
export async function findCipherFiles(folder: string): Promise<CipherFiles> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new CommandError('usage', `'${folder}' is no folder: expected the working tree of a repository.`)
  const readable: CipherFile[] = []
  const others: string[] = []
  for await (const path of filesBelow(folder, '')) {
    const bytes = await readFile(join(folder, path))
    if (!bytes.includes(CIPHER_PREFIX) && !isUtf16(bytes)) continue
    if (/\.(?:ya?ml|properties)$/i.test(path)) readable.push({ path, bytes })
    else if (bytes.includes(CIPHER_PREFIX)) others.push(path)
  }
  return { readable, others }
}

async function* filesBelow(folder: string, below: string): AsyncIterable<string> {
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* filesBelow(folder, path)
    else if (entry.isFile()) yield path
  }
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)
}

/** Which files below a folder have changes that no commit has: nobody could take back what is written over them. Empty where there is no Git. */
export async function uncommitted(folder: string): Promise<ReadonlySet<string>> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-c', 'core.fsmonitor=false', '-C', folder, ...args], { maxBuffer: 1 << 26 })).stdout
  try {
    const prefix = (await git('rev-parse', '--show-prefix')).trimEnd()
    const status = await git('status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--', '.')
    const paths = status.split('\0').filter((entry) => entry !== '')
    return new Set(paths.map((entry) => entry.slice(3)).map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path)))
  } catch {
    return new Set()
  }
}
