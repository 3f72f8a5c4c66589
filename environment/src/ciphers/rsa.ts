import { constants, createHash, createHmac, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { deriveKey, deriveKeySync, type Mode, openPayload, saltBytes, sealPayload } from './aes.js'
import { choose, type RsaAlgorithm, SESSION_BYTES, unpad } from './rsa-padding.js'
import { DEFAULT_SALT } from './symmetric.js'
import type { TextCipher } from './text-cipher.js'
import { undecipherable } from './undecipherable.js'

/** An RSA key; without the private part it only encrypts. */
export interface RsaKeys {
  readonly publicKey: KeyObject
  readonly privateKey?: KeyObject
}

/** `encrypt.rsa.*`: none of it is recorded in a cipher text. */
export interface RsaOptions {
  readonly algorithm?: RsaAlgorithm
  /** AES-GCM instead of AES-CBC for the payload. */
  readonly strong?: boolean
  readonly salt?: string
}

/** Spring's RSA cipher: base64 of `length ‖ encrypted session key ‖ payload`. */
export function createRsaCipher({ publicKey, privateKey }: RsaKeys, options: RsaOptions = {}): TextCipher {
  const { algorithm = 'DEFAULT', salt: saltText = DEFAULT_SALT } = options
  const salt = saltBytes(saltText)
  const mode: Mode = options.strong === true ? 'gcm' : 'cbc'
  const sessions = privateKey === undefined ? undefined : sessionOpener(privateKey, algorithm)
  const opened = (text: string): Opened => {
    if (sessions === undefined) throw new EnvironmentError('no-private-key', 'There is only a public key here: it cannot decrypt.')
    const { block, payload } = partsOf(text, modulusBytes(publicKey))
    return { password: sessions(block).toString('hex'), payload }
  }
  return {
    encrypt: async (plain) => {
      const session = randomBytes(SESSION_BYTES)
      const block = publicEncrypt({ key: publicKey, padding: PADDING[algorithm] }, session)
      const key = await deriveKey({ password: session.toString('hex'), salt })
      return Buffer.concat([lengthOf(block), block, sealPayload(mode, key, plain)]).toString('base64')
    },
    decrypt: async (text) => {
      const { password, payload } = opened(text)
      return openPayload(mode, await deriveKey({ password, salt }), payload)
    },
    decryptSync: (text) => {
      const { password, payload } = opened(text)
      return openPayload(mode, deriveKeySync({ password, salt }), payload)
    },
  }
}

interface Opened {
  readonly password: string
  readonly payload: Buffer
}

const PADDING: Readonly<Record<RsaAlgorithm, number>> = {
  DEFAULT: constants.RSA_PKCS1_PADDING,
  OAEP: constants.RSA_PKCS1_OAEP_PADDING,
}

/**
 * The session key of a block. One whose padding is wrong gets a key as well, always the same for the same block, and work goes on with it: whoever tries out
 * blocks cannot tell bad padding from a payload of another key (Bleichenbacher; the remedy is that of newer OpenSSL). Node.js refuses to take
 * PKCS#1 padding off, so it is asked for the bare number.
 */
function sessionOpener(privateKey: KeyObject, algorithm: RsaAlgorithm): (block: Buffer) => Buffer {
  const secret = createHash('sha256')
    .update(privateKey.export({ format: 'der', type: 'pkcs8' }))
    .digest()
  return (block) => {
    const instead = createHmac('sha256', secret).update(block).digest().subarray(0, SESSION_BYTES)
    const { message, wrong } = unpad(algorithm, bareNumber(privateKey, block))
    return choose(wrong, message, instead)
  }
}

function bareNumber(key: KeyObject, block: Buffer): Buffer {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  } catch {
    throw undecipherable() // a number that is not below the modulus, as everybody can see
  }
}

/** Throws `undecipherable` where the text is not whole; all that is looked at here is public. */
function partsOf(text: string, blockBytes: number): { readonly block: Buffer; readonly payload: Buffer } {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw undecipherable()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < 2 + blockBytes + 16 || bytes.readUInt16BE(0) !== blockBytes) throw undecipherable()
  return { block: bytes.subarray(2, 2 + blockBytes), payload: bytes.subarray(2 + blockBytes) }
}

function modulusBytes(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
}

function lengthOf(block: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(block.length)
  return length
}
