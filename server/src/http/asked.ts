import type { IncomingMessage } from 'node:http'

/** The headers that decide whether a finished answer fits, and which. */
export interface AskedHeaders {
  accept: string
  encoding: string
  noneMatch: string | undefined
  authorization: string | undefined
  /** Something that needs more thought than a table gives: a header twice, or one that asks for a special answer. */
  special: boolean
}

/**
 * Reads these few headers from the raw list. `request.headers` would make an object of all of them, which costs a third of a bare answer; here a name
 * is looked at only where its length fits.
 */
export function askedHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): AskedHeaders {
  const asked: AskedHeaders = { accept: '', encoding: '', noneMatch: undefined, authorization: undefined, special: false }
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    switch (name.length) {
      case 6:
        if (name.toLowerCase() === 'accept') take(asked, 'accept', value)
        break
      case 13:
        take13(asked, name.toLowerCase(), value)
        break
      case 15:
        if (name.toLowerCase() === 'accept-encoding') take(asked, 'encoding', value)
        break
      case 14:
      case 19:
        if (SPECIAL.has(name.toLowerCase())) asked.special = true
        break
    }
  }
  return asked
}

const SPECIAL = new Set(['accept-charset', 'x-carillon-at-least'])

function take13(asked: AskedHeaders, name: string, value: string): void {
  if (name === 'if-none-match') take(asked, 'noneMatch', value)
  else if (name === 'authorization') take(asked, 'authorization', value)
}

function take(asked: AskedHeaders, field: 'accept' | 'encoding' | 'noneMatch' | 'authorization', value: string): void {
  if (asked[field] !== '' && asked[field] !== undefined) asked.special = true
  asked[field] = value
}
