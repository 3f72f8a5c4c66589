import type { Logger } from '@carillon/client'

/** A line for people, with the command's name: the output of a program may stand around it. */
export function say(text: string): void {
  process.stderr.write(`carillon: ${text}\n`)
}

/** Warnings and errors of the client, for people. What is said already is not said again: a server may be away for an hour. */
export function talkOf(tell: (text: string) => void = say): Logger {
  let last: string | undefined
  const once = (text: string): void => {
    if (text !== last) tell(text.replace(/^Configuration: /, ''))
    last = text
  }
  return { debug: () => {}, info: () => {}, warn: once, error: once }
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
