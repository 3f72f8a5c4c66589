import { CIPHER_PREFIX } from '@carillon/environment'
import type { Cipher, CipherContext } from '@carillon/environment/ciphers'
import { CommandError } from '../failure.js'

/** How a text is to be encrypted. */
export interface Sealing {
  /** What the result names its key by. */
  readonly keyId: string | undefined
  /** `gcm` is the cipher of ours that is bound to the property. */
  readonly format: 'spring' | 'gcm'
}

/** A whole value, `{cipher}` included. Nothing in the text is taken for a selector. */
export async function encryptValue(
  cipher: Pick<Cipher, 'encrypt'>,
  text: string,
  { sealing, ...context }: { readonly sealing: Sealing } & CipherContext,
): Promise<string> {
  const { keyId, format } = sealing
  const selectors = `${keyId === undefined ? '' : `{key:${keyId}}`}${format === 'gcm' ? '{gcm:1}' : ''}`
  return `${CIPHER_PREFIX}${await cipher.encrypt(`${selectors}{plain}${text}`, context)}`
}

/** The text of a value as it stands in a file or is copied out of one: with quotes and `{cipher}`, or without. */
export async function decryptValue(cipher: Pick<Cipher, 'decrypt'>, value: string, context: CipherContext): Promise<string> {
  const [, , bare = ''] = /^\s*(['"]?)(.*?)\1\s*$/s.exec(value) ?? []
  const text = bare.startsWith(CIPHER_PREFIX) ? bare.slice(CIPHER_PREFIX.length) : bare
  if (isSealed(text) && context.property === undefined)
    throw new CommandError('usage', 'A sealed value ({gcm:1}) belongs to one property: which --property?')
  return cipher.decrypt(text, context)
}

/** Whether a text behind `{cipher}`, or one that is to be encrypted, is of the cipher that is bound to the property; behind `{plain}` nothing is a selector. */
export function isSealed(text: string): boolean {
  return /^(?:\{(?!plain\})[^{}]*\})*\{gcm:/.test(text)
}

/** Checks what a text is to name its key by. Throws 'usage'. */
export function sealingOf(args: { readonly 'key-id': string | undefined; readonly sealed: boolean | undefined }): Sealing {
  const keyId = args['key-id']
  if (keyId !== undefined && !/^[^{}:\s]+$/.test(keyId))
    throw new CommandError('usage', `--key-id is '${keyId}', expected a name without spaces, colons and braces.`)
  return { keyId, format: args.sealed ? 'gcm' : 'spring' }
}
