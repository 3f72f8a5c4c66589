import type { Config, Logger } from '@carillon/client'

/** A line for people, with the command's name: the output of a program may stand around it. */
export function say(text: string): void {
  process.stderr.write(`carillon: ${text}\n`)
}

/** What a configuration has to say while it is followed. */
export interface Talk {
  readonly logger: Logger
  /** Says when servers answer again, and lets what was said before be said again. */
  readonly follow: (config: Config<unknown>) => void
}

/** Warnings and errors of the client, for people. What was said last is not said again: a server may be away for an hour. */
export function talkOf(tell: (text: string) => void = say): Talk {
  let last: string | undefined
  const once = (text: string): void => {
    if (text !== last) tell(text.replace(/^Configuration: /, ''))
    last = text
  }
  const follow = (config: Config<unknown>): void => {
    let wasStale = config.status.stale
    config.on('status', ({ stale }) => {
      if (wasStale && !stale) once('the server answers again')
      wasStale = stale
    })
  }
  return { logger: { debug: () => {}, info: () => {}, warn: once, error: once }, follow }
}

/** A commit or a digest, as short as it can be told apart. */
export function shortVersion({ commit, digest }: { readonly commit: string; readonly digest: string }): string {
  return (
    commit
      .split(',')
      .map((each) => each.slice(0, 10))
      .join(',') ||
    digest.slice(0, 10) ||
    'no version'
  )
}

/** The first names of a list. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
