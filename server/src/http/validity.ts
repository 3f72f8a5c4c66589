import type { Revealed } from '../sources/secrets.js'
import { commitsOf, type Pin } from '../sources/source.js'
import { strongEtag } from './answer.js'

/** Names the commits that the labels mean and that could not be served. */
export function staleness(pins: readonly Pin[]): { readonly 'x-carillon-stale'?: string } {
  const { skipped } = commitsOf(pins)
  return skipped.length === 0 ? {} : { 'x-carillon-stale': [...new Set(skipped)].join(',') }
}

/** A validator that is not made from the bytes, because they hold decrypted values: it must not be a hash of a secret. */
export function etagOfOrigin({ mark }: Revealed, from: readonly string[]): string {
  return strongEtag(Buffer.from(JSON.stringify([mark, ...from])))
}

/**
 * Proxies that serve many clients do not keep what was decrypted; the client itself may, and asks again before it uses it. The second header tells our
 * clients not to write the answer to a disk in plain text.
 */
export const PRIVATE = { 'cache-control': 'private, no-cache', 'x-carillon-decrypted': 'true' }
