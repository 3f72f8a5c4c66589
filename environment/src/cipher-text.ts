import type { Property } from './types.js'

/** Begins every value that is to be decrypted, in exactly these letters. */
export const CIPHER_PREFIX = '{cipher}'

/** Whether a value is a cipher text. */
export function isCipherText(value: Property['value']): value is string {
  return typeof value === 'string' && value.startsWith(CIPHER_PREFIX)
}
