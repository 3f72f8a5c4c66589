import type { Config } from '../config.js'
import { load } from '../load.js'
import { toEnv } from '../resolve/to-env.js'
import { type RegisterOptions, registerOptions } from './options.js'

type Variables = Readonly<Record<string, string | undefined>>

/** What became of the variables that the configuration gives. */
export interface Filling {
  /** To be set. */
  readonly given: Readonly<Record<string, string>>
  /** One line for people, without a value. */
  readonly note: string
}

/** Variables that act on a program before its first line runs: a key such as `path` means no harm and would do a lot. */
const NEVER = /^(PATH|IFS|BASH_ENV|NODE_OPTIONS|LD_.*|DYLD_.*)$/

/** Loads configuration once, as `CARILLON_*` variables say, and makes variables of it. Throws what `load` throws. */
export async function fillingFor(env: Variables): Promise<Filling> {
  const options = await registerOptions(env)
  const config = await load(options.load)
  try {
    return fillingOf(config, { ...options, env })
  } finally {
    await config.close()
  }
}

interface Filter extends Pick<RegisterOptions, 'prefix' | 'wins'> {
  readonly env: Variables
}

function fillingOf(config: Config<unknown>, { env, prefix, wins }: Filter): Filling {
  const clashes: string[] = []
  const all = Object.entries(toEnv(config.flat(), { prefix, onClash: ({ variable }) => clashes.push(variable) }))
  const [refused, allowed] = split(all, ([name]) => NEVER.test(name))
  const [kept, given] = split(allowed, ([name]) => wins === 'own' && env[name] !== undefined)
  const notes = [
    `${given.length} ${given.length === 1 ? 'variable' : 'variables'} ${fromOf(config)}`,
    ...(kept.length > 0 ? [`${kept.length} of ${allowed.length} kept: ${namesOf(kept)}`] : []),
    ...(refused.length > 0 ? [`${refused.length} never taken from configuration: ${namesOf(refused)}`] : []),
    ...(clashes.length > 0 ? [`of several keys the first: ${clashes.join(', ')}`] : []),
  ]
  return { given: Object.fromEntries(given), note: notes.join('; ') }
}

function fromOf({ status: { source }, version: { commit } }: Config<unknown>): string {
  const at = commit === '' ? '' : `, at ${commit.slice(0, 10)}`
  switch (source) {
    case 'server':
      return `from the server${at}`
    case 'snapshot':
      return `from the last known good configuration${at}`
    case 'defaults':
      return 'without a server'
    default:
      return source satisfies never
  }
}

const SHOWN = 5

function namesOf(variables: readonly (readonly [string, string])[]): string {
  const names = variables.slice(0, SHOWN).map(([name]) => name)
  return variables.length > SHOWN ? `${names.join(', ')} …` : names.join(', ')
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}
