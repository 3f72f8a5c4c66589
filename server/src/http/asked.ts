import type { IncomingMessage } from 'node:http'
import { AT_LEAST } from './at-least.js'

/** The headers that decide whether a finished answer fits, and which. */
export interface AskedHeaders {
  accept: string
  encoding: string
  noneMatch: string | undefined
  authorization: string | undefined
  /** The commits that the answer must have, as they were sent. */
  atLeast: string | undefined
  /** Something that needs more thought than a table gives: a header twice, or one that asks for a special answer. */
  special: boolean
}

/**
 * Reads these few headers from the raw list. `request.headers` would make an object of all of them, which costs a third of a bare answer; here a name
 * is looked at only where its length fits.
 */
export function askedHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): AskedHeaders {
  const asked: AskedHeaders = {
    accept: '',
    encoding: '',
    noneMatch: undefined,
    authorization: undefined,
    atLeast: undefined,
    special: false,
  }
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    switch (name.length) {
      case 6:
      case 13:
      case 14:
      case 15:
      case 19:
        takeNamed(asked, name.toLowerCase(), value)
        break
    }
  }
  return asked
}

const FIELDS: ReadonlyMap<string, keyof AskedHeaders> = new Map([
  ['accept', 'accept'],
  ['if-none-match', 'noneMatch'],
  ['authorization', 'authorization'],
  ['accept-charset', 'special'],
  ['accept-encoding', 'encoding'],
  [AT_LEAST, 'atLeast'],
])

function takeNamed(asked: AskedHeaders, name: string, value: string): void {
  const field = FIELDS.get(name)
  if (field === 'special') asked.special = true
  else if (field !== undefined) take(asked, field, value)
}

function take(asked: AskedHeaders, field: Exclude<keyof AskedHeaders, 'special'>, value: string): void {
  if (asked[field] !== '' && asked[field] !== undefined) asked.special = true
  asked[field] = value
}
