import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Files } from './repository/repository.js'
import { createCommonFiles, type Seed } from './seed.js'
import type { Home, Variant } from './variants.js'

/** The same repositories twice, because Spring checks branches out in place: what it does to its copy must not be seen by Carillon. */
export interface Workspace {
  readonly spring: string
  readonly carillon: string
  /** The commit of each seed's branch in the repository `main`, by the name of the branch. */
  readonly commits: ReadonlyMap<string, string>
}

/** Writes the homes of the variant with the content of the seeds, below both sides of `folder`. */
export const createWorkspace = (folder: string, variant: Variant, seeds: readonly Seed[]): Workspace => {
  const spring = join(folder, 'spring')
  for (const home of variant.homes) createHome(spring, home, seeds)
  cpSync(spring, join(folder, 'carillon'), { recursive: true, preserveTimestamps: true })
  const first = variant.homes.find(({ kind, holds }) => kind === 'git' && holds === 'files')
  return { spring, carillon: join(folder, 'carillon'), commits: first ? readCommits(join(spring, first.path)) : new Map() }
}

/** Adds a label with this content to a home that exists. */
export const addLabel = (side: string, { kind, path }: Home, { name, files }: Branch): void =>
  kind === 'git' ? addBranches(join(side, path), [{ name: `refs/heads/${name}`, files }]) : writeFiles(join(side, path, name), files)

const createHome = (side: string, { kind, path, holds }: Home, seeds: readonly Seed[]): void => {
  const common = createCommonFiles()
  const folder = join(side, path)
  if (kind === 'native') {
    writeFiles(join(folder, 'main'), common)
    for (const seed of seeds) writeFiles(join(folder, `seed-${seed.number}`), seed[holds])
    return
  }
  const labels = seeds.flatMap((seed) => [
    { name: `refs/heads/seed-${seed.number}`, files: seed[holds] },
    ...(holds === 'second'
      ? []
      : ['heads/feature', 'tags/v'].map((name) => ({ name: `refs/${name}/${seed.number}`, files: seed.feature }))),
  ])
  writeRepository(folder, [
    { name: 'refs/heads/main', files: common },
    { name: 'refs/heads/other', files: new Map([...common].slice(2)) },
    ...labels,
  ])
}

/** Content under a label, or for Git under a full ref name. */
export interface Branch {
  readonly name: string
  readonly files: Files
}

// Adds the branches to a repository that exists, each as one commit without parent and with a fixed date.
const addBranches = (folder: string, branches: readonly Branch[]): void => {
  git(folder, ['fast-import', '--quiet', '--force'], Buffer.concat(branches.flatMap(commitStream)))
}

const writeFiles = (folder: string, files: Files): void => {
  mkdirSync(folder, { recursive: true })
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

const writeRepository = (folder: string, branches: readonly Branch[]): void => {
  mkdirSync(folder, { recursive: true })
  git(folder, ['init', '-q', '-b', 'main'])
  git(folder, ['config', 'core.autocrlf', 'false'])
  addBranches(folder, branches)
  git(folder, ['checkout', '-q', '-f', 'main'])
}

const commitStream = ({ name, files }: Branch): Buffer[] => [
  Buffer.from(`commit ${name}\ncommitter Ada <ada@example.org> 1700000000 +0000\ndata 4\nseed\n`),
  ...[...files].flatMap(([path, bytes]) => [Buffer.from(`M 100644 inline ${path}\ndata ${bytes.length}\n`), bytes, Buffer.from('\n')]),
  Buffer.from('\n'),
]

const git = (cwd: string, args: readonly string[], input = Buffer.alloc(0)): string =>
  execFileSync('git', args, {
    cwd,
    input,
    maxBuffer: 1 << 28,
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['pipe', 'pipe', 'pipe'],
  }).toString()

const readCommits = (folder: string): Map<string, string> =>
  new Map(
    git(folder, ['for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads'])
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
  )
