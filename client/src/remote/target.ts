import { ConfigError } from '../errors.js'
import type { Question } from './remote.js'

/** Whose configuration is asked for. */
export interface View {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
}

/** Only one with a digit for every half byte is known to be the same in every repository. */
const COMMIT_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/
/** As many as the server takes. */
const MAX_COMMITS = 64

/** Version 2 tells origins; a server that does not know it (Spring Cloud Config before 2.2) answers with version 1. */
const ACCEPT = 'application/vnd.spring-cloud.config-server.v2+json, application/json;q=0.9'

/** `/{names}/{profiles}[/{label}]`, encoded; a `/` is written `(_)` (spring-compat 8.1). Throws 'bad-options' for what would be another path. */
export function targetOf({ names, profiles }: View, label: string): string {
  const segments = [names, profiles, ...(label === '' ? [] : [[label]])]
  return segments.map((texts) => `/${segmentOf(texts)}`).join('')
}

function segmentOf(texts: readonly string[]): string {
  const joined = texts.join(',')
  if (joined === '.' || joined === '..') throw new ConfigError('bad-options', `'${joined}' cannot be an application, profile or label.`)
  try {
    return texts.map((text) => encodeURIComponent(text.replaceAll('/', '(_)'))).join(',')
  } catch (cause) {
    throw new ConfigError('bad-options', 'An application, profile or label holds half a character.', { cause })
  }
}

/** The headers of a question. */
export function headersOf({ known, atLeast = [] }: Question): Readonly<Record<string, string>> {
  const commits = [...new Set(atLeast)].filter((commit) => COMMIT_ID.test(commit)).slice(-MAX_COMMITS)
  return {
    accept: ACCEPT,
    ...(commits.length === 0 ? {} : { 'x-carillon-at-least': commits.join(',') }),
    ...(known?.validator === undefined ? {} : { 'if-none-match': known.validator }),
  }
}
