import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What the branch pointed at, one after the other. A commit may come twice: a reset goes back to one. */
export interface Head {
  readonly position: number
  readonly commit: string
  /** The value of each application, and the one of all (`application`). */
  readonly values: ReadonlyMap<string, string>
}

/** A repository with one file for each application, and a ledger of everything that was ever published. */
export interface Repository {
  /** The folder that holds `remote.git`. */
  readonly root: string
  readonly head: () => Head
  readonly commit: (values: Readonly<Record<string, string>>) => Promise<Head>
  /** A new commit on an older head, pushed by force: a new line. */
  readonly rewrite: (from: Head, values: Readonly<Record<string, string>>) => Promise<Head>
  /** The branch at an older head again, by force. */
  readonly reset: (to: Head) => Promise<Head>
  /** The positions at which a commit was the head. */
  readonly positionsOf: (commit: string) => readonly number[]
}

const run = promisify(execFile)
const IDENTITY = ['-c', 'user.name=Faults', '-c', 'user.email=faults@example.org']

export async function makeRepository(root: string, applications: readonly string[]): Promise<Repository> {
  const work = join(root, 'work')
  const ledger: Head[] = []
  const git = async (...args: readonly string[]): Promise<string> => (await run('git', [...IDENTITY, ...args], { cwd: work })).stdout.trim()
  const publish = async (values: Head['values']): Promise<Head> => {
    const commit = await git('rev-parse', 'HEAD')
    const head = { position: ledger.length, commit, values }
    // In the ledger before it is out: an instance may be that quick.
    ledger.push(head)
    await git('push', '-q', '-f', 'origin', 'main')
    return head
  }
  const add = async (before: Head['values'], changes: Readonly<Record<string, string>>): Promise<Head> => {
    for (const [application, value] of Object.entries(changes))
      await writeFile(join(work, `${application}.yml`), `${application === 'application' ? 'shared' : 'value'}: "${value}"\n`)
    await git('add', '-A')
    await git('commit', '-q', '--allow-empty', '-m', `head ${ledger.length}`)
    return publish(new Map([...before, ...Object.entries(changes)]))
  }
  const head = (): Head => {
    const last = ledger.at(-1)
    if (last === undefined) throw new Error('nothing was published yet')
    return last
  }
  await mkdir(work, { recursive: true })
  await git('init', '-q', '-b', 'main')
  await git('init', '-q', '--bare', '-b', 'main', join(root, 'remote.git'))
  await git('remote', 'add', 'origin', join(root, 'remote.git'))
  await add(new Map(), Object.fromEntries(['application', ...applications].map((name) => [name, '0'])))
  return {
    root,
    head,
    commit: (values) => add(head().values, values),
    rewrite: async (from, values) => {
      await git('reset', '-q', '--hard', from.commit)
      return add(from.values, values)
    },
    reset: async (to) => {
      await git('reset', '-q', '--hard', to.commit)
      return publish(to.values)
    },
    positionsOf: (commit) => ledger.flatMap((each) => (each.commit === commit ? [each.position] : [])),
  }
}
