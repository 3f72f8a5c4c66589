import { randomBytes, scrypt } from 'node:crypto'
import { ConfigError } from '../errors.js'

/** What a snapshot is encrypted with: the bytes themselves, or what becomes of a passphrase with the salt of a file. */
export type SnapshotKey =
  | { readonly kind: 'raw'; readonly bytes: Buffer }
  | { readonly kind: 'scrypt'; readonly salt: Buffer; readonly bytes: (salt: Buffer) => Promise<Buffer> }

const KEY_BYTES = 32
const SALT_BYTES = 16
/** A file can be tried against all passphrases at leisure. */
const LEAST_CHARACTERS = 12

/** 64 hex digits or 32 bytes in base64 (either alphabet) are a key, anything else is a passphrase. Throws 'bad-options' for a short one. */
export function keyFrom(text: string): SnapshotKey {
  if (/^[0-9a-f]{64}$/i.test(text)) return { kind: 'raw', bytes: Buffer.from(text, 'hex') }
  if (/^[\w+/-]{43}=?$/.test(text)) return { kind: 'raw', bytes: Buffer.from(text, 'base64') }
  if (text.length < LEAST_CHARACTERS)
    throw new ConfigError(
      'bad-options',
      `The key for snapshots has ${text.length} characters, expected 32 bytes in hex or base64, or a passphrase of at least ${LEAST_CHARACTERS}.`,
      { hint: 'A good one: openssl rand -hex 32' },
    )
  return { kind: 'scrypt', salt: randomBytes(SALT_BYTES), bytes: remembered(text) }
}

/** Making a key takes a tenth of a second: once for each salt, which is once for what is read and once for all that is written. */
function remembered(passphrase: string): (salt: Buffer) => Promise<Buffer> {
  const made = new Map<string, Promise<Buffer>>()
  return (salt) => {
    const known = made.get(salt.toString('hex')) ?? derive(passphrase, salt)
    made.set(salt.toString('hex'), known)
    return known
  }
}

/** The cost is part of the format: a file cannot ask for more. */
function derive(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
