import type { DecryptOptions, LoadOptions } from '@carillon/client'
import { textFlag } from './option.js'

/** The flag of every command that gets configuration: the key for what a server leaves encrypted. */
export const clientKeyFlags = {
  'key-file': textFlag('key-file', {
    says: 'File with the key for {cipher} values that the server does not decrypt',
    env: 'CARILLON_ENCRYPT_KEY_FILE; CARILLON_ENCRYPT_KEY, ENCRYPT_KEY: the key itself',
  }),
} as const

export interface ClientKeyArguments {
  readonly 'key-file': string | undefined
}

/** What `load` needs to decrypt, and what becomes of a value that it cannot decrypt. Key stores and all else come from variables. */
export function decryptionOf(args: ClientKeyArguments, failed: NonNullable<DecryptOptions['failed']>): Pick<LoadOptions, 'decrypt'> {
  const keyFile = args['key-file']
  return { decrypt: { failed, ...(keyFile === undefined ? {} : { keyFile }) } }
}
