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
  CIPHER_PREFIX,
  type DecryptedProperties,
  type DecryptOptions,
  decryptProperties,
  isCipherText,
  withoutFallThrough,
} from './ciphers/properties.js'
export type { RsaKeys, RsaOptions } from './ciphers/rsa.js'
export { type Selected, selectorsOfCipher, selectorsOfPlain, selectorText } from './ciphers/selectors.js'
export { digestOf } from './digest.js'
export { EnvironmentError, type EnvironmentErrorCode } from './errors.js'
export { MASK, maskSecrets, soundsSecret } from './mask.js'
export { type KeyStep, kebab, parseKey, stepsOfKey, uniform, uniformKey } from './names.js'
export { formatDouble, scalarText } from './numbers.js'
export { type Lookup, type OnUnfilled, placeholderResolver, resolvePlaceholders } from './placeholders.js'
export type { Environment, Property, PropertyOrigin, PropertySource, Scalar } from './types.js'
export { isServiceLink, stepsOfVariable, variableForms, variableOf } from './variables.js'
