import { createHmac, timingSafeEqual } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { childrenOf, type DerNode, octets, oid, TAG } from './der.js'
import { deriveFromPassword, derivePbkdf2, hashOf, roundsOf, UnsupportedEncryption } from './pbe.js'

const PBMAC1 = '1.2.840.113549.1.5.14'

/** The password is right where the MAC is; a store without one says nothing about it. Throws `unusable-key`, `Malformed`. */
export function checkMac(mac: DerNode | undefined, content: Buffer, password: string): void {
  if (mac === undefined) return
  const [info, salt, iterations] = childrenOf(mac, TAG.sequence, 2)
  const [algorithm, digest] = childrenOf(info, TAG.sequence, 2)
  const expected = octets(digest)
  const { hash, key } = isPbmac1(algorithm)
    ? pbmac1(algorithm, password)
    : classic({ algorithm, salt, iterations, length: expected.length }, password)
  const actual = createHmac(hash, key).update(content).digest()
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new EnvironmentError('unusable-key', 'The password of the key store is wrong, or the store is damaged.')
  }
}

interface MacKey {
  readonly hash: string
  readonly key: Buffer
}

interface Classic {
  readonly algorithm: DerNode | undefined
  readonly salt: DerNode | undefined
  readonly iterations: DerNode | undefined
  readonly length: number
}

/** RFC 7292, appendix B: what all stores have that were written before 2025. */
function classic({ algorithm, salt, iterations, length }: Classic, password: string): MacKey {
  const hash = hashOf(algorithm)
  const rounds = iterations === undefined ? 1 : roundsOf(iterations)
  return { hash, key: deriveFromPassword({ hash, purpose: 3, password, salt: octets(salt), rounds, length }) }
}

function isPbmac1(algorithm: DerNode | undefined): boolean {
  return oid(childrenOf(algorithm, TAG.sequence, 1)[0]) === PBMAC1
}

/** RFC 9579, which newer versions of Java and OpenSSL write: PBKDF2 with a length of its own, and the salt beside it means nothing. */
function pbmac1(algorithm: DerNode | undefined, password: string): MacKey {
  const [derivation, scheme] = childrenOf(childrenOf(algorithm, TAG.sequence, 2)[1], TAG.sequence, 2)
  try {
    return { hash: hashOf(scheme), key: derivePbkdf2(derivation, password) }
  } catch (error) {
    if (!(error instanceof UnsupportedEncryption)) throw error
    throw new EnvironmentError(
      'unusable-key',
      'The key store has a MAC (PBMAC1) with a key derivation that is not supported: expected PBKDF2. Write it again with keytool -importkeystore.',
    )
  }
}
