import type { Options } from 'yargs'
import { CommandError } from './failure.js'

/** A flag of a command, for people. */
export interface FlagWords {
  readonly says: string
  readonly alias?: string
  readonly env?: string
  readonly default?: string
  readonly choices?: readonly string[]
}

/** A flag with one text. Throws 'usage' for what is no choice, and where it is given twice: which one is meant, nobody knows. */
export function textFlag(name: string, words: FlagWords) {
  const coerce = (given: unknown) => chosen(name, single(name, given), words.choices)
  return { ...common(words), type: 'string', requiresArg: true, coerce } as const satisfies Options
}

/** A flag with one number of at least 0, seconds where nothing else is said. Throws 'usage' for anything else. */
export function numberFlag(name: string, { number = 'number of seconds', ...words }: FlagWords & { readonly number?: string }) {
  return {
    ...common(words),
    type: 'number',
    requiresArg: true,
    coerce: (given: unknown) => numberOf({ name, number }, given),
  } as const satisfies Options
}

/** A flag with several texts, with commas between them or given again. */
export function listFlag(words: FlagWords) {
  return { ...common(words), type: 'string', requiresArg: true, coerce: listOf } as const satisfies Options
}

/** A flag that is there or not. */
export function switchFlag({ says, alias }: Pick<FlagWords, 'says' | 'alias'>) {
  return { describe: says, type: 'boolean', ...(alias === undefined ? {} : { alias }) } as const satisfies Options
}

function common({ says, alias, env, choices, default: otherwise }: FlagWords) {
  const notes = [choices && `: ${choices.join(', ')}`, otherwise && ` [default: ${otherwise}]`, env && ` [env: ${env}]`]
  return { describe: `${says}${notes.filter((note) => note !== undefined).join('')}`, ...(alias === undefined ? {} : { alias }) }
}

function chosen(name: string, text: string | undefined, choices: readonly string[] | undefined): string | undefined {
  if (text === undefined || choices === undefined || choices.includes(text)) return text
  throw new CommandError('usage', `--${name} is '${text}', expected one of ${choices.join(', ')}.`)
}

function single(name: string, given: unknown): string | undefined {
  if (given === undefined) return undefined
  if (Array.isArray(given)) throw new CommandError('usage', `--${name} is given ${given.length} times, and can be given once.`)
  return String(given)
}

function numberOf({ name, number }: { readonly name: string; readonly number: string }, given: unknown): number | undefined {
  const text = single(name, given)
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new CommandError('usage', `--${name} is no ${number}: expected 0 or more.`)
}

function listOf(given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined
  return [given]
    .flat()
    .flatMap((text) => String(text).split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
}
