import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  scrypt,
  scryptSync,
} from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { saltBytes } from './aes.js'
import type { RsaKeys } from './rsa.js'
import { DEFAULT_SALT, type SymmetricKey } from './symmetric.js'
import { undecipherable } from './undecipherable.js'

/**
 * Carillon's own cipher, written `{gcm:1}` and base64url: AES-256-GCM with the name of the property as associated data, so that a cipher text
 * is worth nothing under another property. The format is on the page Ciphers of the reference.
 */
export interface SealedCipher {
  readonly encrypt: (plain: string, property: string) => Promise<string>
  /** Throws `undecipherable`. */
  readonly decrypt: (text: string, property: string) => Promise<string>
  /** The same at once. */
  readonly decryptSync: (text: string, property: string) => string
}

/** The version that this code writes and reads. */
export const SEALED_VERSION = '1'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
/** 32 MiB and about a tenth of a second for each guess at a password. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const CONTEXT = 'carillon gcm 1\0'

/** With a password: `nonce ‖ text ‖ tag` under a key that scrypt makes of it, once. */
export function sealWithPassword({ password, salt = DEFAULT_SALT }: SymmetricKey): SealedCipher {
  const salted = Buffer.concat([Buffer.from(CONTEXT), saltBytes(salt)])
  let derived: Promise<Buffer> | undefined
  const key = (): Promise<Buffer> => {
    derived ??= stretch(password, salted)
    return derived
  }
  return {
    encrypt: async (plain, property) => seal(await key(), plain, property).toString('base64url'),
    decrypt: async (text, property) => open(await key(), bytesOf(text), property),
    decryptSync: (text, property) => open(scryptSync(password, salted, KEY_BYTES, SCRYPT), bytesOf(text), property),
  }
}

/** With an RSA key: a fresh AES key for each text, under RSA-OAEP with SHA-256, stands before the rest. */
export function sealWithRsa({ publicKey, privateKey }: RsaKeys): SealedCipher {
  const blockBytes = Math.ceil((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  const decryptSync = (text: string, property: string): string => {
    if (privateKey === undefined) throw new EnvironmentError('no-private-key', 'There is only a public key here: it cannot decrypt.')
    const bytes = bytesOf(text)
    return open(unwrap(privateKey, bytes.subarray(0, blockBytes)), bytes.subarray(blockBytes), property)
  }
  return {
    encrypt: async (plain, property) => {
      const key = randomBytes(KEY_BYTES)
      const block = publicEncrypt({ key: publicKey, ...OAEP }, key)
      return Buffer.concat([block, seal(key, plain, property)]).toString('base64url')
    },
    decrypt: async (text, property) => decryptSync(text, property),
    decryptSync,
  }
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }

/** A block that is none gives a key that fits nothing, and the work goes on. */
function unwrap(key: KeyObject, block: Buffer): Buffer {
  const instead = randomBytes(KEY_BYTES)
  try {
    const unwrapped = privateDecrypt({ key, ...OAEP }, block)
    return unwrapped.length === KEY_BYTES ? unwrapped : instead
  } catch {
    return instead
  }
}

function seal(key: Buffer, plain: string, property: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(property))
  return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, bytes: Buffer, property: string): string {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw undecipherable()
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(property)).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    throw undecipherable()
  }
}

function associated(property: string): Buffer {
  return Buffer.from(`${CONTEXT}${property}`)
}

/** One text for the same bytes, not several that differ in bits which nobody reads. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw undecipherable()
  return bytes
}

function stretch(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, SCRYPT, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
