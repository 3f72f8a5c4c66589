import { createPublicKey, X509Certificate } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { Malformed } from './der.js'
import { readJks } from './jks.js'
import type { KeyStoreEntry } from './key-store-entry.js'
import { readPkcs12 } from './pkcs12.js'
import type { RsaKeys } from './rsa.js'

/** A Java or PKCS#12 key store whose password was right. */
export interface KeyStore {
  readonly aliases: readonly string[]
  /** The key with this alias, whatever the case of its letters; `undefined` where there is none. Throws `unusable-key` where `secret` does not open it. */
  readonly find: (alias: string, secret?: string) => RsaKeys | undefined
}

/**
 * Reads a key store; its first bytes tell whether it is JKS or PKCS#12, whatever its type is said to be, as Java does it.
 * Throws `unusable-key` for a wrong password, a damaged store and one of another kind.
 */
export function readKeyStore(bytes: Buffer, password: string): KeyStore {
  const entries = new Map(orUnusable(() => entriesOf(bytes, password)).map((entry) => [entry.alias.toLowerCase(), entry]))
  return {
    aliases: [...entries.keys()],
    find: (alias, secret = password) => {
      const entry = entries.get(alias.toLowerCase())
      return entry === undefined ? undefined : orUnusable(() => keysOf(entry, secret))
    },
  }
}

function entriesOf(bytes: Buffer, password: string): readonly KeyStoreEntry[] {
  switch (bytes.length < 4 ? 0 : bytes.readUInt32BE(0)) {
    case 0xfeedfeed:
      return readJks(bytes, password)
    case 0xcececece:
      throw new EnvironmentError(
        'unusable-key',
        'The key store is of type JCEKS, which is not supported: convert it with keytool -importkeystore -deststoretype pkcs12.',
      )
    default:
      if (bytes[0] === 0x30) return readPkcs12(bytes, password)
      throw new EnvironmentError('unusable-key', 'The key store is neither PKCS#12 nor JKS.')
  }
}

function keysOf({ alias, unlock, certificate }: KeyStoreEntry, secret: string): RsaKeys {
  if (unlock !== undefined) return unlock(secret)
  if (certificate === undefined) throw new Malformed('an entry without a key and without a certificate')
  const { publicKey } = new X509Certificate(certificate)
  if (publicKey.asymmetricKeyType === 'rsa') return { publicKey: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })) }
  throw new EnvironmentError('unusable-key', `The certificate '${alias}' is of type ${publicKey.asymmetricKeyType}: expected RSA.`)
}

/** Of a store that is damaged nothing is quoted, and no cause is passed on: it may hold what was read. */
function orUnusable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    const what = error instanceof Malformed ? `: it has ${error.message}` : ''
    throw new EnvironmentError('unusable-key', `The key store is damaged${what}.`)
  }
}
