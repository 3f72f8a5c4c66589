import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** What a step of a fixture says in its `_step.json`; the other files of the step's folder are what it writes. */
interface Step {
  readonly message?: string
  readonly branch?: string
  readonly from?: string
  readonly tag?: string
  readonly delete?: readonly string[]
}

const FIRST_TICK = 1_700_000_060

/**
 * Builds one Git repository for each folder of `fixtures` below `out`, a commit for each step, with fixed authors and dates: the same commit ids on
 * every machine, which the recorded answers name.
 */
export async function buildRepositories(fixtures: string, out: string): Promise<void> {
  for (const name of (await readdir(fixtures)).toSorted()) await buildRepository(join(fixtures, name), join(out, name))
}

async function buildRepository(fixture: string, repository: string): Promise<void> {
  await rm(repository, { recursive: true, force: true })
  await mkdir(repository, { recursive: true })
  runGit(repository, FIRST_TICK, ['init', '-q', '-b', 'main'])
  const steps = (await readdir(fixture)).toSorted()
  for (const [index, name] of steps.entries()) {
    const folder = join(fixture, name)
    const step = await readStep(folder)
    const git = (...args: string[]): void => runGit(repository, FIRST_TICK + index * 60, args)
    if (step.branch !== undefined) git('checkout', '-q', ...(step.from === undefined ? [step.branch] : ['-b', step.branch, step.from]))
    for (const path of step.delete ?? []) git('rm', '-q', '-r', path)
    await cp(folder, repository, { recursive: true, filter: (path) => basename(path) !== '_step.json' })
    git('add', '-A', '-f')
    git('commit', '-q', '--allow-empty', '-m', step.message ?? name)
    if (step.tag !== undefined) git('tag', step.tag)
  }
  runGit(repository, FIRST_TICK, ['checkout', '-q', 'main'])
}

async function readStep(folder: string): Promise<Step> {
  const text = await readFile(join(folder, '_step.json'), 'utf8').catch(() => '{}')
  return JSON.parse(text) as Step
}

function runGit(cwd: string, seconds: number, args: readonly string[]): void {
  const who = { name: 'Ada', email: 'ada@example.org', date: `${seconds} +0000` }
  const env = {
    ...process.env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: who.name,
    GIT_AUTHOR_EMAIL: who.email,
    GIT_AUTHOR_DATE: who.date,
    GIT_COMMITTER_NAME: who.name,
    GIT_COMMITTER_EMAIL: who.email,
    GIT_COMMITTER_DATE: who.date,
  }
  execFileSync('git', args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
}
