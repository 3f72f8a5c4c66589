import { EnvironmentError } from '../errors.js'
import { createRsaCipher, type RsaKeys, type RsaOptions } from './rsa.js'
import { SEALED_VERSION, type SealedCipher, sealWithPassword, sealWithRsa } from './sealed.js'
import { type Selected, selectorsOfCipher, selectorsOfPlain, selectorText } from './selectors.js'
import { sshPublicKey } from './ssh-key.js'
import { createSymmetricCipher, type SymmetricKey } from './symmetric.js'
import type { TextCipher } from './text-cipher.js'
import { undecipherable } from './undecipherable.js'

/** The seam: texts that may begin with selectors, and keys that the selectors choose. */
export interface Cipher {
  /** What belongs behind `{cipher}`, the selectors before it. Throws `no-such-key`, and `invalid-selector` for the sealed cipher without a property. */
  readonly encrypt: (text: string, context?: CipherContext) => Promise<string>
  /** The plain text of what stood behind `{cipher}`. Throws `undecipherable`, `no-such-key`, `no-private-key`. */
  readonly decrypt: (text: string, context?: CipherContext) => Promise<string>
  /** The same at once, for a program's own settings; it takes the main thread as long as it takes. */
  readonly decryptSync: (text: string, context?: CipherContext) => string
  /** The public part of the default key as OpenSSH writes it; `undefined` where there is none. */
  readonly publicKey: () => string | undefined
}

/** Where a text stands. */
export interface CipherContext {
  /** The flat key of the property that holds the text. */
  readonly property?: string
}

/** A key with every way of using it. */
export interface CipherKey {
  readonly text: TextCipher
  readonly sealed: SealedCipher
  readonly publicKey?: string
}

/** Finds a key by the id that a text names, and the password that it brings along; `undefined` as an id is the default key. */
export type FindKey = (id: string | undefined, secret: string | undefined) => CipherKey | undefined

export function passwordKey(key: SymmetricKey): CipherKey {
  return { text: createSymmetricCipher(key), sealed: sealWithPassword(key) }
}

export function rsaKey(keys: RsaKeys, options: RsaOptions = {}): CipherKey {
  return { text: createRsaCipher(keys, options), sealed: sealWithRsa(keys), publicKey: sshPublicKey(keys.publicKey, 'application') }
}

/** A cipher over several keys: Spring's formats, and the sealed one where a text says `{gcm:1}`. */
export function createCipher(find: FindKey): Cipher {
  const keyOf = ({ selectors }: Selected): CipherKey => {
    const key = orWrongSecret(() => find(selectors.get('key'), selectors.get('secret')))
    if (key === undefined) throw new EnvironmentError('no-such-key', 'The text names a key that is not installed.')
    return key
  }
  return {
    encrypt: async (text, context = {}) => {
      const selected = selectorsOfPlain(text)
      const key = keyOf(selected)
      const encrypted = await encryptWith(key, selected, propertyOf(selected, context))
      return `${selectorText(selected.selectors)}${encrypted}`
    },
    decrypt: async (text, context = {}) => {
      const selected = selectorsOfCipher(text)
      const key = keyOf(selected)
      return isSealed(selected)
        ? key.sealed.decrypt(selected.payload, propertyOf(selected, context) ?? '')
        : key.text.decrypt(selected.payload)
    },
    decryptSync: (text, context = {}) => {
      const selected = selectorsOfCipher(text)
      const key = keyOf(selected)
      return isSealed(selected)
        ? key.sealed.decryptSync(selected.payload, propertyOf(selected, context) ?? '')
        : key.text.decryptSync(selected.payload)
    },
    publicKey: () => find(undefined, undefined)?.publicKey,
  }
}

/** A password of a key that stands before a text is as good as part of that text. */
function orWrongSecret<T>(find: () => T): T {
  try {
    return find()
  } catch (error) {
    if (error instanceof EnvironmentError && error.code === 'unusable-key') throw undecipherable()
    throw error
  }
}

function isSealed({ selectors }: Selected): boolean {
  const version = selectors.get('gcm')
  if (version !== undefined && version !== SEALED_VERSION) throw undecipherable()
  return version !== undefined
}

async function encryptWith(key: CipherKey, { selectors, payload }: Selected, property: string | undefined): Promise<string> {
  const version = selectors.get('gcm')
  if (version === undefined) return key.text.encrypt(payload)
  if (version !== SEALED_VERSION)
    throw new EnvironmentError('invalid-selector', `There is no cipher {gcm:${version}}: expected {gcm:${SEALED_VERSION}}.`)
  if (property === undefined || property === '') {
    throw new EnvironmentError('invalid-selector', 'A sealed value belongs to one property: put {name:the.property} before the text.')
  }
  return key.sealed.encrypt(payload, property)
}

/** A property that decrypts its value is what it is; only where there is none the text may name one. */
function propertyOf({ selectors }: Selected, { property }: CipherContext): string | undefined {
  return property ?? selectors.get('name')
}
