import { readFileSync } from 'node:fs'
import {
  type Cipher,
  createCipher,
  type FindKey,
  keyOfText,
  keysOfStore,
  type RsaOptions,
  readKeyStore,
} from '@carillon/environment/ciphers'

/** Cipher texts that a real Spring Cloud Config Server made with one key. */
export interface RecordedKey {
  readonly name: string
  readonly key?: string
  readonly salt?: string
  readonly keyStore?: string
  readonly password?: string
  readonly alias?: string
  readonly rsa?: RsaOptions
  readonly vectors: readonly { readonly plain: string; readonly cipher: string; readonly sent?: string }[]
}

const secure = (file: string): URL => new URL(`../../conformance/secure/${file}`, import.meta.url)

export const recordedKeys = JSON.parse(readFileSync(secure('vectors.json'), 'utf8')) as readonly RecordedKey[]

export const rsaPem = readFileSync(secure('rsa.pem'), 'utf8')

export const storeBytes = readFileSync(secure('server.p12'))

export function recordedKey(name: string): RecordedKey {
  const found = recordedKeys.find((recorded) => recorded.name === name)
  if (found === undefined) throw new Error(`nothing was recorded with a key ${name}`)
  return found
}

/** A cipher with the key that a server had when it was recorded. */
export function cipherOf({ key, salt, password, alias, rsa }: RecordedKey): Cipher {
  if (password !== undefined && alias !== undefined) {
    return createCipher(keysOfStore(readKeyStore(storeBytes, password), { alias, ...(rsa === undefined ? {} : { rsa }) }))
  }
  const text = key?.startsWith('rsa.pem') === true ? rsaPem : (key ?? '')
  const only = keyOfText(text, salt === undefined ? {} : { salt })
  const find: FindKey = () => only
  return createCipher(find)
}
