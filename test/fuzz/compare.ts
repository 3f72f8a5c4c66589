import type { Answer } from './ask.js'
import { findReason } from './explained.js'
import { canonical, parseExactly } from './json.js'
import type { Request } from './requests.js'

/** What came of one request to both servers. */
export type Verdict = { readonly kind: 'equal' } | { readonly kind: 'explained'; readonly reason: string } | { readonly kind: 'different' }

/** Two answers to one request, the paths of the two workspaces already made the same. */
export interface Pair {
  readonly request: Request
  readonly spring: Answer
  readonly carillon: Answer
  /** The name of the variant of the settings. */
  readonly variant: string
  /** Whether a properties file has a separator with blanks behind it, after which Spring's columns are off. */
  readonly blankSeparators: boolean
}

/**
 * Compares as the recorded answers are compared: JSON by value (integers and doubles stay two things), text byte for byte, errors by status,
 * and where Spring fails with 5xx any proper answer is as good.
 */
export const compare = (pair: Pair): Verdict => {
  if (areEqual(pair.spring, pair.carillon)) return { kind: 'equal' }
  const reason = findReason(pair)
  return reason === undefined ? { kind: 'different' } : { kind: 'explained', reason }
}

const areEqual = (spring: Answer, carillon: Answer): boolean => {
  if (spring.status >= 500 && carillon.status >= 200 && carillon.status < 500) return true
  if (spring.status !== carillon.status || spring.status === 0) return false
  if (spring.status >= 400) return true
  if (spring.type !== carillon.type) return false
  if (spring.body.equals(carillon.body)) return true
  if (!spring.type.endsWith('json')) return false
  const [wanted, got] = [parseExactly(spring.body), parseExactly(carillon.body)]
  return wanted !== undefined && got !== undefined && canonical(wanted) === canonical(got)
}
