export {
  type Cipher,
  type CipherContext,
  type CipherKey,
  createCipher,
  type FindKey,
} from './ciphers/cipher.js'
export { type KeyStore, readKeyStore } from './ciphers/key-store.js'
export { type KeyStoreChoice, keyOfText, keyring, keysOfStore } from './ciphers/keys.js'
export {
  type DecryptedProperties,
  type DecryptOptions,
  decryptProperties,
  withoutFallThrough,
} from './ciphers/properties.js'
export type { RsaKeys, RsaOptions } from './ciphers/rsa.js'
export { type Selected, selectorsOfCipher, selectorsOfPlain, selectorText } from './ciphers/selectors.js'
