import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { childrenOf, type DerNode, integer, Malformed, octets, oid, TAG } from './der.js'

/** Hash functions by the identifiers that stand for them alone and inside PBKDF2. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
])

const CIPHERS: ReadonlyMap<string, { readonly name: string; readonly keyBytes: number }> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyBytes: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keyBytes: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyBytes: 24 }],
])

const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const PBE_SHA1_3DES = '1.2.840.113549.1.12.1.3'
/** A damaged or hostile store must not keep the server busy: a hundred times what keytool writes. */
const MAX_ROUNDS = 1_000_000
const MAX_KEY_BYTES = 128

/** Why the certificates of a store could not be read where its keys could. */
export class UnsupportedEncryption extends Error {}

/** Decrypts what a PKCS#12 store encrypts with a password. Throws `UnsupportedEncryption` for algorithms that today's OpenSSL lacks, `Malformed`. */
export function decryptWithPassword(algorithm: DerNode | undefined, data: Buffer, password: string): Buffer {
  const [id, parameters] = childrenOf(algorithm, TAG.sequence, 2)
  switch (oid(id)) {
    case PBES2:
      return decryptPbes2(parameters, data, password)
    case PBE_SHA1_3DES: {
      const [salt, rounds] = childrenOf(parameters, TAG.sequence, 2)
      const derive = (purpose: number, length: number): Buffer =>
        deriveFromPassword({ hash: 'sha1', purpose, password, salt: octets(salt), rounds: roundsOf(rounds), length })
      return decrypt({ name: 'des-ede3-cbc', key: derive(1, 24), iv: derive(2, 8) }, data)
    }
    default:
      throw new UnsupportedEncryption()
  }
}

export interface Derive {
  readonly hash: string
  /** 1 for a key, 2 for an IV, 3 for a MAC. */
  readonly purpose: number
  readonly password: string
  readonly salt: Buffer
  readonly rounds: number
  readonly length: number
}

/** PKCS#12's own way to make bytes from a password (RFC 7292, appendix B.2). */
export function deriveFromPassword({ hash, purpose, password, salt, rounds, length }: Derive): Buffer {
  const block = hash === 'sha1' || hash === 'sha256' ? 64 : 128
  const diversifier = Buffer.alloc(block, purpose)
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const input = Buffer.concat([filled(salt, block), filled(text, block)])
  const made: Buffer[] = []
  for (let total = 0; total < length; total += made.at(-1)?.length ?? 0) {
    let digest = createHash(hash).update(diversifier).update(input).digest()
    for (let round = 1; round < rounds; round++) digest = createHash(hash).update(digest).digest()
    made.push(digest)
    for (let start = 0; start < input.length; start += block) addBlock(input.subarray(start, start + block), digest)
  }
  return Buffer.concat(made).subarray(0, length)
}

/** The hash function of an algorithm identifier. Throws `Malformed`. */
export function hashOf(algorithm: DerNode | undefined): string {
  const name = HASHES.get(oid(childrenOf(algorithm, TAG.sequence, 1)[0]))
  if (name === undefined) throw new Malformed('an unknown hash function')
  return name
}

export function roundsOf(node: DerNode | undefined): number {
  const rounds = integer(node)
  if (rounds < 1 || rounds > MAX_ROUNDS) throw new Malformed('a number of rounds beyond all measure')
  return rounds
}

function decryptPbes2(parameters: DerNode | undefined, data: Buffer, password: string): Buffer {
  const [derivation, scheme] = childrenOf(parameters, TAG.sequence, 2)
  const [cipherId, iv] = childrenOf(scheme, TAG.sequence, 2)
  const cipher = CIPHERS.get(oid(cipherId))
  if (cipher === undefined) throw new UnsupportedEncryption()
  return decrypt({ name: cipher.name, key: derivePbkdf2(derivation, password, cipher.keyBytes), iv: octets(iv) }, data)
}

/** A key as the algorithm identifier of PBKDF2 says (RFC 8018), as long as it says itself unless a length is given. Throws `UnsupportedEncryption`, `Malformed`. */
export function derivePbkdf2(derivation: DerNode | undefined, password: string, length?: number): Buffer {
  const [kdf, settings] = childrenOf(derivation, TAG.sequence, 2)
  if (oid(kdf) !== PBKDF2) throw new UnsupportedEncryption()
  const [salt, rounds, ...rest] = childrenOf(settings, TAG.sequence, 2)
  const prf = rest.find(({ tag }) => tag === TAG.sequence)
  const bytes = length ?? integer(rest.find(({ tag }) => tag === TAG.integer))
  if (bytes < 1 || bytes > MAX_KEY_BYTES) throw new Malformed('a key length beyond all measure')
  return pbkdf2Sync(password, octets(salt), roundsOf(rounds), bytes, prf === undefined ? 'sha1' : hashOf(prf))
}

/** Where a store has a MAC its password is known to be right when this is called. */
function decrypt({ name, key, iv }: { readonly name: string; readonly key: Buffer; readonly iv: Buffer }, data: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(name, key, iv)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch {
    throw new EnvironmentError('unusable-key', 'The password of the key store is wrong, or the store is damaged.')
  }
}

/** The text repeated up to a multiple of the block. */
function filled(text: Buffer, block: number): Buffer {
  return Buffer.alloc(block * Math.ceil(text.length / block), text.length === 0 ? 0 : text)
}

/** `target + repeated digest + 1`, as numbers of one block. */
function addBlock(target: Buffer, digest: Buffer): void {
  let carry = 1
  for (let index = target.length - 1; index >= 0; index--) {
    carry += (target[index] ?? 0) + (digest[index % digest.length] ?? 0)
    target[index] = carry & 0xff
    carry >>= 8
  }
}
