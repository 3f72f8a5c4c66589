import { ServerError } from '../errors.js'
import { isValidProfile } from '../resolution/profiles.js'
import type { ConfigRequest } from '../sources/source.js'

/** What a route names, as text. */
export interface NamedView {
  readonly name: string
  readonly profiles: string
  readonly label?: string
}

/** Longer texts name nothing that exists and cost time in every source. */
const MAX_NAME = 4_096
/** Every application is looked for with every profile at every label: without a limit, one short request asks for millions of files. */
const MAX_VIEWS = 256

/**
 * Checks and normalises what a client asks for: `(_)` is `/` in name and label, lists are split at commas and not trimmed.
 * Throws `invalid-request` where Spring answers 400, and for profiles and names on which Spring breaks.
 */
export function configRequest({ name, profiles, label }: NamedView): ConfigRequest {
  requireLocation(name, 'application')
  if (name.includes('*')) throw refuse(`The application '${shorten(name)}' holds a '*'.`)
  if (label !== undefined) requireLocation(label, 'label')
  const list = profiles.split(',')
  for (const profile of list) {
    if (!isValidProfile(profile)) {
      const expected = 'expected letters, digits and - _ . + @, beginning and ending with a letter or digit'
      throw refuse(`The profile '${shorten(profile)}' is invalid: ${expected}.`)
    }
  }
  const applications = slashes(name).split(',')
  requireFewViews([new Set(applications).size, new Set(list).size, label?.split(',').length ?? 1])
  return {
    applications,
    profiles: list,
    ...(label === undefined ? {} : { label: slashes(label) }),
  }
}

function requireFewViews(counts: readonly number[]): void {
  const views = counts.reduce((product, count) => product * count, 1)
  if (views > MAX_VIEWS) throw refuse(`Applications, profiles and labels make ${views} combinations: expected at most ${MAX_VIEWS}.`)
}

/** `feature(_)x` is how a client spells `feature/x`. */
export function slashes(text: string): string {
  return text.replaceAll('(_)', '/')
}

/** Spring's check of a name or label, also of what it would be if it were decoded once more. */
function requireLocation(text: string, what: string): void {
  if (text.length > MAX_NAME) throw refuse(`The ${what} has ${text.length} characters: expected at most ${MAX_NAME}.`)
  for (const form of text.includes('%') ? [text, decodedAgain(text)] : [text]) {
    if (form.includes('..') || form.includes('#')) throw refuse(`The ${what} '${shorten(text)}' holds '..' or '#'.`)
  }
}

/** What it would be as far as ASCII goes; what is no escape stays, and hides none that follows. */
function decodedAgain(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function refuse(message: string): ServerError {
  return new ServerError('invalid-request', message)
}
