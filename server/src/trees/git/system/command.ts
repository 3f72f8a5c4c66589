import { type ChildProcess, spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { surroundings } from './surroundings.js'

/** One setting of Git, as `git -c` takes it; told by the environment, because arguments are for all to see. */
export type GitConfig = readonly (readonly [key: string, value: string])[]

/** What a `git` is given to get at a remote. Secrets are in variables alone. */
export interface Access {
  readonly config: GitConfig
  readonly variables: Readonly<Record<string, string>>
}

/** How many times the time-out a `git` may be silent: connecting, saying who one is and packing each take theirs. */
export const PATIENCE = 3

/** A `git` to start. */
export interface GitCall {
  readonly args: readonly string[]
  /** The repository; none for what needs none. Named outright, so that Git neither searches for one nor asks who owns it. */
  readonly gitdir?: string
  readonly config?: GitConfig
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * Starts a `git` that heeds no settings but ours and the repository's, asks nobody anything, changes no object and fetches nothing by
 * itself. It leads a process group of its own, which `killGroup` ends whole.
 */
export function startGit({ args, gitdir, config = [], variables = {} }: GitCall): ChildProcess {
  const env = {
    ...surroundings(),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // What is not allowed by name is not spoken: older versions fetch what a partial clone lacks while they read.
    GIT_ALLOW_PROTOCOL: 'none',
    ...(gitdir === undefined ? {} : { GIT_DIR: gitdir }),
    ...configVariables([...ALWAYS, ...config]),
    ...variables,
  }
  return spawn('git', args, { env, detached: true, stdio: 'pipe', windowsHide: true })
}

/** No program of the repository's choice runs, and nothing is tidied up beside what was asked. */
const ALWAYS: GitConfig = [
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
]

/**
 * Packs are mapped in parts: else all of a pack that was looked at counts as memory in use. What deltas are made from is kept in 4 MiB instead of 96: that halves
 * what a fetch takes and costs it nothing; a clone of 40 versions of a file of 10 MB takes three times as long, and a quarter of the memory.
 */
export const LITTLE_MEMORY: GitConfig = [
  ['core.packedGitWindowSize', '1m'],
  ['core.packedGitLimit', '8m'],
  ['core.deltaBaseCacheLimit', '4m'],
]

function configVariables(config: GitConfig): Readonly<Record<string, string>> {
  const pairs = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(config.length) }
}

/** Kills a `git` and all that it started; harmless where none of them runs any more. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left, or this system has no groups.
    child.kill('SIGKILL')
  }
}
