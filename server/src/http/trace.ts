import type { IncomingHttpHeaders } from 'node:http'
import { decodeTrace, type Trace } from '@carillon/bus'

/** Where a request stands in a trace of its sender, for what follows from it on the bus. Empty where it does not say. */
export function tracedBy(headers: IncomingHttpHeaders): { readonly trace?: Trace } {
  const texts = Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string')
  const trace = decodeTrace(new Map(texts))
  return trace === undefined ? {} : { trace }
}
