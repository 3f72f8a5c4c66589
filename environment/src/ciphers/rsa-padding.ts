import { createHash } from 'node:crypto'

/** What the padding held, and 1 where it was none. The message is bytes of that length in either case. */
export interface Unpadded {
  readonly message: Buffer
  readonly wrong: number
}

export type RsaAlgorithm = 'DEFAULT' | 'OAEP'

/** A session key has this many bytes in Spring's format; that it is known keeps secrets out of every index and branch below. */
export const SESSION_BYTES = 16
const HASH_BYTES = 20

/** Takes the padding off a decrypted block. Every byte is looked at, none decides what is done next. */
export function unpad(algorithm: RsaAlgorithm, block: Buffer): Unpadded {
  return algorithm === 'OAEP' ? unpadOaep(block) : unpadPkcs1(block)
}

/** `one` where the flag is 0, `other` where it is 1, without a branch. */
export function choose(flag: number, one: Buffer, other: Buffer): Buffer {
  const mask = -flag & 0xff
  return Buffer.from(one.map((byte, index) => (byte & ~mask) | ((other[index] ?? 0) & mask)))
}

/** RSAES-PKCS1-v1_5 (RFC 8017, 7.2.2): `00 02 nonzero… 00 message`. */
function unpadPkcs1(block: Buffer): Unpadded {
  const end = block.length - SESSION_BYTES - 1
  let wrong = isNonZero(block.at(0)) | isNonZero((block.at(1) ?? 0) ^ 2) | isNonZero(block.at(end))
  for (const byte of block.subarray(2, end)) wrong |= 1 - isNonZero(byte)
  return { message: block.subarray(-SESSION_BYTES), wrong }
}

/** RSAES-OAEP with SHA-1 and an empty label (RFC 8017, 7.1.2). */
function unpadOaep(block: Buffer): Unpadded {
  const seed = xor(block.subarray(1, 1 + HASH_BYTES), mask(block.subarray(1 + HASH_BYTES), HASH_BYTES))
  const masked = block.subarray(1 + HASH_BYTES)
  const data = xor(masked, mask(seed, masked.length))
  const end = data.length - SESSION_BYTES - 1
  const label = createHash('sha1').digest()
  let wrong = isNonZero(block.at(0)) | isNonZero((data.at(end) ?? 0) ^ 1)
  for (const byte of xor(data.subarray(0, HASH_BYTES), label)) wrong |= isNonZero(byte)
  for (const byte of data.subarray(HASH_BYTES, end)) wrong |= isNonZero(byte)
  return { message: data.subarray(-SESSION_BYTES), wrong }
}

/** MGF1 with SHA-1 (RFC 8017, B.2.1). */
function mask(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / HASH_BYTES) }, (_, index) => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(index)
    return createHash('sha1').update(seed).update(counter).digest()
  })
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)))
}

function isNonZero(byte = 0): number {
  return ((byte | -byte) >>> 31) & 1
}
