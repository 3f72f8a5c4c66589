import { type Derivation, deriveKey, deriveKeySync, isHex, openPayload, saltBytes, sealPayload } from './aes.js'
import type { TextCipher } from './text-cipher.js'
import { undecipherable } from './undecipherable.js'

export interface SymmetricKey {
  readonly password: string
  /** Hex; a text that is none stands for its own bytes. */
  readonly salt?: string
}

/** Spring's salt where none is given, as hex. */
export const DEFAULT_SALT = 'deadbeef'

/** Spring's symmetric cipher: hex of `IV ‖ AES-256-CBC`, the key derived once. */
export function createSymmetricCipher({ password, salt = DEFAULT_SALT }: SymmetricKey): TextCipher {
  const derivation: Derivation = { password, salt: saltBytes(salt) }
  let derived: Promise<Buffer> | undefined
  const key = (): Promise<Buffer> => {
    derived ??= deriveKey(derivation)
    return derived
  }
  return {
    encrypt: async (plain) => sealPayload('cbc', await key(), plain).toString('hex'),
    decrypt: async (text) => openPayload('cbc', await key(), bytesOf(text)),
    decryptSync: (text) => openPayload('cbc', deriveKeySync(derivation), bytesOf(text)),
  }
}

/** At least an IV: `00` is a server error in Spring. */
function bytesOf(text: string): Buffer {
  if (!isHex(text) || text.length < 32) throw undecipherable()
  return Buffer.from(text, 'hex')
}
