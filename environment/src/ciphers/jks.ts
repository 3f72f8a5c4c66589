import { createHash, createPrivateKey, timingSafeEqual } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { childrenOf, Malformed, octets, oid, readDer, TAG } from './der.js'
import type { KeyStoreEntry } from './key-store-entry.js'
import { pairOf } from './pem.js'
import type { RsaKeys } from './rsa.js'

/** Sun's own way to protect a key in a JKS store. */
const KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1'
/** What is hashed between the password and the content of a store; every JKS store in the world has it. */
const WHITENER = 'Mighty Aphrodite'
const HASH_BYTES = 20

/** The entries of a JKS store. Throws `unusable-key` for a wrong password, `Malformed` for a damaged store. */
export function readJks(bytes: Buffer, password: string): readonly KeyStoreEntry[] {
  const content = bytes.subarray(0, -HASH_BYTES)
  const expected = sha1(utf16(password), Buffer.from(WHITENER), content)
  if (bytes.length < 12 + HASH_BYTES) throw new Malformed('an end before the end')
  if (!timingSafeEqual(expected, bytes.subarray(-HASH_BYTES))) {
    throw new EnvironmentError('unusable-key', 'The password of the key store is wrong, or the store is damaged.')
  }
  const reader = readerOf(content)
  reader.skip(4)
  const version = reader.uint32()
  if (version !== 1 && version !== 2) throw new Malformed('a version that there is not')
  return Array.from({ length: reader.count() }, () => readEntry(reader, version))
}

interface Reader {
  readonly uint32: () => number
  /** A number of things that each take a byte at least. */
  readonly count: () => number
  readonly skip: (length: number) => void
  readonly bytes: () => Buffer
  readonly text: () => string
}

function readerOf(content: Buffer): Reader {
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > content.length) throw new Malformed('an end before the end')
    at += length
    return content.subarray(at - length, at)
  }
  const uint32 = (): number => take(4).readUInt32BE(0)
  return {
    uint32,
    count: () => {
      const count = uint32()
      if (count > content.length - at) throw new Malformed('an end before the end')
      return count
    },
    skip: (length) => void take(length),
    bytes: () => take(uint32()),
    text: () => take(take(2).readUInt16BE(0)).toString('utf8'),
  }
}

function readEntry(reader: Reader, version: 1 | 2): KeyStoreEntry {
  const kind = reader.uint32()
  const alias = reader.text()
  reader.skip(8) // when it was made
  const certificate = (): Buffer => {
    if (version === 2) reader.text()
    return reader.bytes()
  }
  if (kind === 2) return { alias, certificate: certificate() }
  if (kind !== 1) throw new Malformed('an entry of an unknown kind')
  const locked = reader.bytes()
  const [first] = Array.from({ length: reader.count() }, certificate)
  return { alias, unlock: (secret) => unlock(locked, secret), ...(first === undefined ? {} : { certificate: first }) }
}

/** `salt ‖ key xor SHA-1 chain of the password ‖ SHA-1 of password and key`. */
function unlock(locked: Buffer, secret: string): RsaKeys {
  const [algorithm, encrypted] = childrenOf(readDer(locked), TAG.sequence, 2)
  if (oid(childrenOf(algorithm, TAG.sequence, 1)[0]) !== KEY_PROTECTOR) throw new Malformed('a key that is protected in an unknown way')
  const data = octets(encrypted)
  if (data.length < 2 * HASH_BYTES) throw new Malformed('an end before the end')
  const password = utf16(secret)
  const body = data.subarray(HASH_BYTES, -HASH_BYTES)
  const blocks: Buffer[] = []
  for (let digest = data.subarray(0, HASH_BYTES), made = 0; made < body.length; made += HASH_BYTES) {
    digest = sha1(password, digest)
    blocks.push(digest)
  }
  const stream = Buffer.concat(blocks)
  const key = Buffer.from(body.map((byte, index) => byte ^ (stream[index] ?? 0)))
  if (!timingSafeEqual(sha1(password, key), data.subarray(-HASH_BYTES))) {
    throw new EnvironmentError('unusable-key', 'The password of the key in the key store is wrong.')
  }
  return pairOf(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
}

function sha1(...parts: readonly Buffer[]): Buffer {
  return createHash('sha1').update(Buffer.concat(parts)).digest()
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}
