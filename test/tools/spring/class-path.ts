import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A part of Spring Cloud: the id of a profile in pom.xml, and perhaps a folder of our classes in src/. */
export type SpringPart = 'config-server' | 'config-monitor' | 'config-client' | 'bus'

const here = import.meta.dirname
const cache = resolve(here, '../../../.cache/spring')

/** The first thing that is missing to run Spring here, as a sentence; `undefined` when all is there. */
export const findMissingTool = (): string | undefined =>
  (
    [
      ['java', '-version'],
      ['javac', '-version'],
      ['mvn', '-version'],
    ] as const
  )
    .filter(([command, flag]) => spawnSync(command, [flag], { stdio: 'ignore' }).status !== 0)
    .map(([command]) => `\`${command}\` does not run here, it is needed to start the real Spring server`)[0]

/** The Java class path that holds these parts and our main classes. The first call downloads and compiles (10 to 60 s), later ones only look. Throws what Maven or javac said. */
export const buildClassPath = (parts: readonly SpringPart[]): string => {
  const folder = join(cache, fingerprint(parts))
  if (!existsSync(join(folder, 'done'))) build(parts, folder)
  return `${join(folder, 'classes')}:${join(folder, 'lib')}/*`
}

// Only what belongs to the parts: the other classes need jars that are not there.
const sourcesOf = (parts: readonly SpringPart[]): string[] =>
  parts
    .map((part) => join(here, 'src', part))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))

const fingerprint = (parts: readonly SpringPart[]): string => {
  const hash = createHash('sha256').update([...parts].sort().join(','))
  for (const file of [join(here, 'pom.xml'), ...sourcesOf([...parts].sort())]) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

// Built aside and renamed, so that a run that was cut short or one beside this one never leaves half a class path.
const build = (parts: readonly SpringPart[], folder: string): void => {
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const flags = ['-q', '-B', '-f', join(here, 'pom.xml'), `-P${parts.join(',')}`]
  const copy = [...flags, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(draft, 'lib')}`]
  if (spawnSync('mvn', ['-o', ...copy], { stdio: 'ignore' }).status !== 0) run('mvn', copy)
  run('javac', ['-cp', `${join(draft, 'lib')}/*`, '-d', join(draft, 'classes'), ...sourcesOf(parts)])
  writeFileSync(join(draft, 'done'), '')
  try {
    renameSync(draft, folder)
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(join(folder, 'done'))) throw new Error(`cannot put the built class path at ${folder}: remove that folder`, { cause })
  }
}

const run = (command: string, args: readonly string[]): void => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`${command} ended with ${status}, expected 0, while building the Spring peer:\n${stdout}${stderr}`.slice(0, 4000))
}
