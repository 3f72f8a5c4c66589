import type { ChildEnvironment } from './supervisor.js'

export interface ChildEnvironmentParts {
  /** Variables made of the configuration. */
  readonly configuration: ChildEnvironment
  /** The variables that this process has. */
  readonly own: Readonly<Record<string, string | undefined>>
  /** Whose value a variable has that both give. */
  readonly wins: 'own' | 'configuration'
  /** Which of our own variables go on: all, or what a program needs to run at all. */
  readonly inherit: 'all' | 'basics'
}

export interface MergedEnvironment {
  readonly environment: ChildEnvironment
  /** How many the configuration gives. */
  readonly given: number
  /** Names that the configuration gives and that keep the value of our own; sorted. */
  readonly kept: readonly string[]
  /** Names that are never taken from configuration, and that it gives; sorted. */
  readonly refused: readonly string[]
}

/** What is left of our own variables for a child that shall have nothing but its configuration. The last ones are Windows'. */
const BASICS = ['PATH', 'HOME', 'USER', 'LANG', 'TERM', 'TMPDIR', 'TZ', 'SystemRoot', 'PATHEXT', 'TEMP', 'USERPROFILE']

/**
 * Variables that act on a program before its first line runs: where programs are found, and what the linker or a shell loads into them. A key such as `path` in
 * some file means no harm and would do a lot.
 */
const NEVER_FROM_CONFIGURATION = /^(PATH|IFS|BASH_ENV|LD_.*|DYLD_.*)$/

/** The variables of a child: those of the configuration and our own. */
export function childEnvironment({ configuration, own, wins, inherit }: ChildEnvironmentParts): MergedEnvironment {
  const inherited = new Map<string, string>()
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && (inherit === 'all' || BASICS.includes(name))) inherited.set(name, value)
  }
  const names = Object.keys(configuration).sort()
  const refused = names.filter((name) => NEVER_FROM_CONFIGURATION.test(name))
  const allowed = names.filter((name) => !NEVER_FROM_CONFIGURATION.test(name))
  const kept = wins === 'own' ? allowed.filter((name) => inherited.has(name)) : []
  const taken = allowed.filter((name) => !kept.includes(name)).map((name) => [name, configuration[name] ?? ''] as const)
  return { environment: Object.fromEntries([...inherited, ...taken]), given: names.length, kept, refused }
}
