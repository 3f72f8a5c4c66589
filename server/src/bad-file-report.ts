import type { ErrorPlace } from './errors.js'
import type { BadFile } from './sources/bad-files.js'

/** What health and log tell of a bad file: where it is, what is wrong, whose commit, and what is served instead. */
export interface BadFileReport extends ErrorPlace {
  readonly repository: string
  readonly label: string
  readonly message: string
  readonly served?: string
  readonly since?: BadFile['since']
}

export function reportOf({ repository, label, error, served, since }: BadFile): BadFileReport {
  const instead = { ...(served === undefined ? {} : { served }), ...(since === undefined ? {} : { since }) }
  return { repository, label, message: error.message, ...error.place, ...instead }
}

/** The fields of the line in the log, which has the message already. */
export function fieldsOfBad(bad: BadFile): object {
  const { message: _, ...fields } = reportOf(bad)
  return fields
}

const SHORT = 10

/** One line for people. The message already names file, line, the wanted commit and its author, who need not be the one who broke it. */
export function lineOf({ error, served, since }: BadFile): string {
  if (served === undefined) return `${error.message}: who uses it gets an error, because no earlier commit was found to serve`
  const instead = `${error.message}: who uses it is served from commit ${served.slice(0, SHORT)}`
  if (since === undefined || since.commit === error.place.commit) return instead
  const { commit, author, authored } = since
  return `${instead}; bad since commit ${commit.slice(0, SHORT)}${author === undefined ? '' : ` by ${author}, ${authored}`}`
}
