import type { RsaKeys } from './rsa.js'

/** What a store holds under an alias, still locked. */
export interface KeyStoreEntry {
  readonly alias: string
  /** The pair, where there is a private key. Throws `Malformed` or `unusable-key`. */
  readonly unlock?: (secret: string) => RsaKeys
  /** X.509 in DER. */
  readonly certificate?: Buffer
}
