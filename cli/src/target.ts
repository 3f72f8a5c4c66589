import { CommandError } from './failure.js'

/** What APP[/PROFILE][@LABEL] names; what is left out is the server's default. */
export interface Target {
  readonly name: string
  readonly profiles?: string
  readonly label?: string
}

const EXPECTED = 'expected APP, APP/PROFILE or APP/PROFILE@LABEL, such as orders/prod@main'

/**
 * Parses APP[/PROFILE][@LABEL]; APP and PROFILE may be lists with commas, and LABEL may have slashes, as a branch may. Throws 'usage'.
 */
export function parseTarget(text: string | undefined): Target {
  if (text === undefined) throw new CommandError('usage', `No application is named: ${EXPECTED}.`)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new CommandError('usage', `'${withoutUser(text)}' is an address: ${EXPECTED}. The address of the server goes to --server.`)
  }
  if (/\s/.test(text)) throw new CommandError('usage', `'${text}' has a space: ${EXPECTED}.`)
  const at = text.indexOf('@')
  const [where, label] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
  const [name = '', profiles, ...rest] = where.split('/')
  if (rest.length > 0)
    throw new CommandError('usage', `'${text}' has a slash too many: ${EXPECTED}. Did you mean ${name}/${profiles}@${restOf(rest, label)}?`)
  if (!isList(name)) throw new CommandError('usage', `'${text}' names no application: ${EXPECTED}.`)
  if (profiles !== undefined && !isList(profiles))
    throw new CommandError('usage', `'${text}' names no profile after the slash: ${EXPECTED}.`)
  if (label === '') throw new CommandError('usage', `'${text}' names no label after the @: ${EXPECTED}.`)
  return { name, ...(profiles === undefined ? {} : { profiles }), ...(label === undefined ? {} : { label }) }
}

/** A target in its one way of being written. */
export function targetText({ name, profiles, label }: Target): string {
  return `${name}${profiles === undefined ? '' : `/${profiles}`}${label === undefined ? '' : `@${label}`}`
}

function isList(text: string): boolean {
  return text.split(',').every((part) => part !== '')
}

function restOf(rest: readonly string[], label: string | undefined): string {
  return label ?? rest.join('/')
}

function withoutUser(text: string): string {
  return text.replace(/:\/\/\S*@/, '://')
}
