import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Writes a repository in which every file of a commit holds the same number, and publishes commit after commit. */
export interface Writer {
  /** Stands before each number, so that those of several repositories can be told apart. */
  readonly word: string
  /** The bare repository that is read, and its name below the folder that a Git server serves. */
  readonly remote: string
  readonly path: string
  readonly number: () => number
  /** The number of a commit that was ever published. */
  readonly numberOf: (commit: string) => number | undefined
  /** A commit with the next number. */
  readonly commit: () => Promise<void>
  /** The branch at an older commit again, by force. */
  readonly reset: () => Promise<void>
  /** A commit with the next number on an older one, by force: a new line. */
  readonly rewrite: () => Promise<void>
}

interface Published {
  readonly commit: string
  readonly number: number
}

const run = promisify(execFile)
const IDENTITY = ['-c', 'user.name=Faults', '-c', 'user.email=faults@example.org', '-c', 'gc.auto=0']
const BACK = 5

/** Makes the repository with its first commit. */
export async function openWriter(folder: string, word: string): Promise<Writer> {
  const work = join(folder, `${word}-work`)
  const path = `${word}.git`
  const remote = join(folder, path)
  const published: Published[] = []
  let last = 0
  let number = 0

  const git = async (...args: readonly string[]): Promise<string> => (await run('git', [...IDENTITY, ...args], { cwd: work })).stdout.trim()
  const publish = async (): Promise<void> => {
    const commit = (await readFile(join(work, '.git/refs/heads/main'), 'utf8')).trim()
    // Known before it is out: a reader may be that quick.
    published.push({ commit, number })
    await git('push', '-q', '-f', 'origin', 'main')
  }
  const commit = async (): Promise<void> => {
    number = ++last
    for (const [name, text] of Object.entries(filesOf(word, number))) await writeFile(join(work, name), text)
    if (number === 1) await git('add', '-A')
    await git('commit', '-q', '-a', '-m', `${word} ${number}`)
    await publish()
  }
  const goBack = async (): Promise<void> => {
    const to = published.at(-1 - BACK) ?? published[0]
    if (to === undefined) return
    await git('reset', '-q', '--hard', to.commit)
    number = to.number
  }

  await mkdir(join(work, 'deep'), { recursive: true })
  await git('init', '-q', '-b', 'main')
  await git('init', '-q', '--bare', '-b', 'main', remote)
  await git('remote', 'add', 'origin', remote)
  await commit()
  return {
    word,
    remote,
    path,
    number: () => number,
    numberOf: (id) => published.find((each) => each.commit === id)?.number,
    commit,
    reset: async () => {
      await goBack()
      await publish()
    },
    rewrite: async () => {
      await goBack()
      await commit()
    },
  }
}

function filesOf(word: string, number: number): Readonly<Record<string, string>> {
  const value = `${word}${number}`
  return {
    'application.yml': `shared:\n  ${word}: "${value}"\n`,
    'orders.yml': `orders:\n  ${word}: "${value}"\n  ${word}-of-all: "\${shared.${word}}"\n`,
    'orders-prod.properties': `prod.${word}=${value}\n`,
    [`${word}.txt`]: `here ${value}, all \${shared.${word}}, orders \${orders.${word}}, prod \${prod.${word}}\n`,
    [`deep/${word}.conf`]: `prod \${prod.${word}}, here ${value}, orders \${orders.${word}-of-all}\n`,
  }
}
