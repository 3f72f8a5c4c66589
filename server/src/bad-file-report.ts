import type { BadFile } from './sources/bad-files.js'

/** What health and log tell of a bad file: where it is, what is wrong, whose commit, and what is served instead. */
export interface BadFileReport {
  readonly repository: string
  readonly label: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly commit?: string
  readonly author?: string
  readonly authored?: string
  readonly served?: string
}

export function reportOf({ repository, label, error, served }: BadFile): BadFileReport {
  return { repository, label, message: error.message, ...error.place, ...(served === undefined ? {} : { served }) }
}

/** The fields of the line in the log, which has the message already. */
export function fieldsOfBad(bad: BadFile): object {
  const { message: _, ...fields } = reportOf(bad)
  return fields
}

/** One line for people. The message already names file, line, commit and author. */
export function lineOf({ error, served }: BadFile): string {
  const consequence =
    served === undefined
      ? 'who uses it gets an error, because there is no earlier commit to serve'
      : `who uses it is served from commit ${served.slice(0, 10)}`
  return `${error.message}: ${consequence}`
}
