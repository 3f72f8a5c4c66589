import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { GitTreeOptions } from '../../../server/src/trees/git/index.js'
import type { Tree } from '../../../server/src/trees/tree.js'

export type Files = Readonly<Record<string, string | Uint8Array>>

/** Runs the system's `git` without the settings of whoever runs the tests; returns what it printed. */
export function git(cwd: string, ...args: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' }
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', ...who }
  return execFileSync('git', ['-c', 'init.defaultBranch=main', '-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** Writes files, commits all there is, and returns the commit. */
export function commit(repository: string, files: Files, message = 'change'): string {
  write(repository, files)
  git(repository, 'add', '-A')
  git(repository, 'commit', '-q', '--allow-empty', '-m', message)
  return git(repository, 'rev-parse', 'HEAD')
}

/** A new repository with a work tree and one commit on `main`. */
export function makeRepository(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '-q')
  commit(folder, files)
  return folder
}

/** Folders and closings that live as long as one test. */
export function makeScratch() {
  const folders: string[] = []
  const closings: Array<() => Promise<void>> = []
  return {
    folder(): string {
      const folder = mkdtempSync(join(tmpdir(), 'carillon-trees-'))
      folders.push(folder)
      return folder
    },
    closing<T extends { close(): Promise<void> }>(thing: T): T {
      closings.push(() => thing.close())
      return thing
    },
    async clear(): Promise<void> {
      const failures: unknown[] = []
      for (const close of closings.splice(0).reverse()) await close().catch((error: unknown) => failures.push(error))
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
      if (failures.length > 0) throw failures[0]
    },
  }
}

/** Asks until the answer is one, at most this long; fails with the last answer. */
export async function eventually<T>(ask: () => Promise<T> | T, isEnough: (answer: T) => boolean, within = 20_000): Promise<T> {
  const end = Date.now() + within
  for (;;) {
    const answer = await ask()
    if (isEnough(answer)) return answer
    if (Date.now() > end) throw new Error(`not within ${within} ms, the last answer was ${JSON.stringify(answer)}`)
    await pause(15)
  }
}

/** Waits for a first clone: until then a tree is not ready. */
export async function whenReady(tree: Tree, label = 'main'): Promise<string | undefined> {
  const id = await eventually(
    () => tree.snapshot(label).catch((error: { code: string }) => (error.code === 'not-ready' ? 'not-ready' : Promise.reject(error))),
    (answer) => answer !== 'not-ready',
  )
  return typeof id === 'object' ? id.id : undefined
}

export function gitOptions(uri: string, folder: string, more: Partial<GitTreeOptions> = {}): GitTreeOptions {
  const defaults = {
    defaultLabel: 'main',
    refreshRate: -1,
    timeout: 2,
    deleteUntrackedBranches: false,
    skipSslValidation: false,
    proxy: {},
  }
  return { uri, folder, ...defaults, ...more }
}

export async function text(tree: Tree, label: string, path: string): Promise<string | undefined> {
  const snapshot = await tree.snapshot(label)
  const file = snapshot && (await tree.read(snapshot, path))
  return file && Buffer.from(file.bytes).toString('utf8')
}
