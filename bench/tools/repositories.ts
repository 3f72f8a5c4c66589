import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file as a commit has it. */
export interface Written {
  readonly path: string
  readonly text: string
}

/** What one commit writes; all else stays as it was. */
export type Commit = Iterable<Written>

/** A new repository with a work tree and these files in one commit on `main`. */
export function makeRepository(folder: string, files: Commit): string {
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of files) writeFileSync(join(folder, path), text)
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', ...args], { cwd: folder })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'bench')
  return folder
}

/** Puts commits on `main` of a bare repository in one stream, which makes it where there is none. Resolves once the branch has moved, with its commit. */
export async function importCommits(repository: string, commits: Iterable<Commit>): Promise<string> {
  const isNew = !existsSync(repository)
  if (isNew) execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository])
  const importing = spawn('git', ['--git-dir', repository, 'fast-import', '--quiet', '--date-format=now'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(importing, 'close')
  // One that ends early has said why.
  importing.stdin.on('error', () => undefined)
  for (const part of commandsOf(commits, isNew ? '' : 'from refs/heads/main^0\n')) {
    if (!importing.stdin.write(part)) await Promise.race([once(importing.stdin, 'drain'), ended])
  }
  importing.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
  return execFileSync('git', ['--git-dir', repository, 'rev-parse', 'refs/heads/main']).toString().trim()
}

function* commandsOf(commits: Iterable<Commit>, from: string): Generator<string> {
  let first = from
  for (const commit of commits) {
    yield `commit refs/heads/main\ncommitter Bench <bench@example.org> now\ndata 5\nbench\n${first}`
    for (const { path, text } of commit) yield `M 644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`
    first = ''
  }
}
