import { join } from 'node:path'
import type { Joining } from '../engine.js'
import type { GitConfig } from './command.js'
import { presentGit } from './present.js'
import { quarantine } from './quarantine.js'
import { runGit } from './run.js'

/** One processor, and not all of the memory: this runs beside what answers. */
const MODEST: GitConfig = [
  ['pack.threads', '1'],
  ['pack.windowMemory', '128m'],
  ['pack.deltaCacheSize', '64m'],
]

/** Makes one pack of several. Removes none: a `git` that outlives this process does no harm. */
export async function joinPacks({ gitdir, from, to }: Joining, signal: AbortSignal): Promise<void> {
  await presentGit()
  const args = ['pack-objects', '--stdin-packs', '--delta-base-offset', '-q', join(to, 'pack')]
  const input = from.map(({ name }) => `${name}.pack\n`).join('')
  await runGit({ gitdir, args, config: MODEST, variables: quarantine(gitdir, to), input, signal })
}
