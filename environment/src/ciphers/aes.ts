import { createCipheriv, createDecipheriv, pbkdf2, pbkdf2Sync, randomBytes } from 'node:crypto'
import { undecipherable } from './undecipherable.js'

/** How a payload is encrypted: `IV ‖ AES-256-CBC`, or `IV ‖ AES-256-GCM ‖ tag`, both with 16 bytes of IV as Spring Security has it. */
export type Mode = 'cbc' | 'gcm'

export interface Derivation {
  readonly password: string
  readonly salt: Buffer
}

const BLOCK = 16
const ROUNDS = 1024
const KEY_BYTES = 32

/** Spring's AES key: PBKDF2-HMAC-SHA1 with 1024 rounds, off the main thread. */
export function deriveKey({ password, salt }: Derivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, ROUNDS, KEY_BYTES, 'sha1', (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

/** The same at once, for a server's own settings. */
export function deriveKeySync({ password, salt }: Derivation): Buffer {
  return pbkdf2Sync(password, salt, ROUNDS, KEY_BYTES, 'sha1')
}

/** The bytes that a salt stands for: hex, or the text itself where it is none. */
export function saltBytes(text: string): Buffer {
  return isHex(text) ? Buffer.from(text, 'hex') : Buffer.from(text)
}

/** Whether a text is bytes in hex, in either case. */
export function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text)
}

export function sealPayload(mode: Mode, key: Buffer, plain: string): Buffer {
  const iv = randomBytes(BLOCK)
  if (mode === 'cbc') {
    const cipher = createCipheriv('aes-256-cbc', key, iv)
    return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()])
  }
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The plain text of a payload. Throws `undecipherable`. */
export function openPayload(mode: Mode, key: Buffer, payload: Buffer): string {
  const iv = payload.subarray(0, BLOCK)
  const rest = payload.subarray(BLOCK)
  return mode === 'cbc' ? openCbc(key, iv, rest) : openGcm(key, iv, rest)
}

/**
 * Padding is taken off by hand, without a branch, and the text is decoded whatever the padding says: of bad padding and of text that is not UTF-8 neither the
 * answer nor its time is another. Spring encrypts UTF-8 alone, so what is not UTF-8 was made with another key.
 */
function openCbc(key: Buffer, iv: Buffer, body: Buffer): string {
  if (body.length === 0 || body.length % BLOCK !== 0) throw undecipherable()
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(body), decipher.final()])
  const { length, wrong } = padding(padded)
  const text = padded.subarray(0, padded.length - length).toString('utf8')
  const roundTrip = Buffer.from(text).equals(padded.subarray(0, padded.length - length)) ? 0 : 1
  if ((wrong | roundTrip) !== 0) throw undecipherable()
  return text
}

function padding(padded: Buffer): { readonly length: number; readonly wrong: number } {
  const last = padded.at(-1) ?? 0
  let wrong = isOutside(last)
  for (let back = 1; back <= BLOCK; back++) {
    // 1 where this byte belongs to the padding that the last byte claims.
    const belongs = ((back - last - 1) >>> 31) & 1
    wrong |= belongs & nonZero((padded.at(-back) ?? 0) ^ last)
  }
  return { length: last & (wrong - 1), wrong }
}

/** 1 for a length of padding that there cannot be: 0, or more than a block. */
function isOutside(length: number): number {
  return (1 - nonZero(length)) | (((BLOCK - length) >>> 31) & 1)
}

function nonZero(value: number): number {
  return ((value | -value) >>> 31) & 1
}

function openGcm(key: Buffer, iv: Buffer, body: Buffer): string {
  if (body.length < BLOCK) throw undecipherable()
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: BLOCK })
  decipher.setAuthTag(body.subarray(-BLOCK))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -BLOCK)), decipher.final()]).toString('utf8')
  } catch {
    throw undecipherable()
  }
}
