import { EnvironmentError } from '../errors.js'
import { isHex } from './aes.js'
import { type CipherKey, type FindKey, passwordKey, rsaKey } from './cipher.js'
import type { KeyStore } from './key-store.js'
import { readKeyText } from './pem.js'
import type { RsaOptions } from './rsa.js'
import { createSymmetricCipher } from './symmetric.js'
import type { TextCipher } from './text-cipher.js'

/**
 * The key that a text such as that of `encrypt.key` is: an RSA key in PEM, or a password. A PKCS#8 key is RSA too; Spring takes its text for a password, so
 * what Spring encrypted with it, which is hex, is still decrypted. Throws `unusable-key`.
 */
export function keyOfText(text: string, { salt }: { readonly salt?: string } = {}): CipherKey {
  if (text.trim() === '') throw new EnvironmentError('unusable-key', 'The key is empty.')
  const read = readKeyText(text)
  const password = { password: text, ...(salt === undefined ? {} : { salt }) }
  if (read.kind === 'password') return passwordKey(password)
  const key = rsaKey(read.keys)
  return read.spelling === 'pkcs1' ? key : { ...key, text: hexElsewhere(key.text, createSymmetricCipher(password)) }
}

export interface KeyStoreChoice {
  /** Of the default key. */
  readonly alias: string
  /** Password of the keys, where it is not the store's. */
  readonly secret?: string
  readonly rsa?: RsaOptions
}

/** The keys of a store: `{key:alias}` and `{secret:password}` choose. Throws `unusable-key` where the default key cannot be read. */
export function keysOfStore(store: KeyStore, { alias, secret, rsa }: KeyStoreChoice): FindKey {
  const known = new Map<string, CipherKey>()
  const find: FindKey = (id = alias, given = secret) => {
    const name = JSON.stringify([id.toLowerCase(), given ?? null])
    const found = known.get(name)
    if (found !== undefined) return found
    const keys = store.find(id, given)
    if (keys === undefined) return undefined
    const key = rsaKey(keys, rsa)
    known.set(name, key)
    return key
  }
  if (find(undefined, undefined) === undefined) {
    throw new EnvironmentError('unusable-key', `The key store has no key '${alias}': it has ${store.aliases.join(', ') || 'none'}.`)
  }
  return find
}

/**
 * Several keys: each by its id, and all others as the default keys have it. A text without an id that the default key cannot open is tried with the others in
 * their order, so that old texts stay readable while a key is replaced.
 */
export function keyring(base: FindKey | undefined, others: ReadonlyMap<string, CipherKey>): FindKey {
  const [first, ...rest] = others.values()
  return (id, secret) => {
    const named = id === undefined ? undefined : others.get(id)
    if (named !== undefined) return named
    const own = base === undefined ? first : base(id, secret)
    const older = base === undefined ? rest : [...others.values()]
    return id !== undefined || own === undefined || older.length === 0 ? own : older.reduce(orWith, own)
  }
}

function orWith(key: CipherKey, older: CipherKey): CipherKey {
  return {
    ...key,
    text: {
      ...key.text,
      decrypt: (text) => key.text.decrypt(text).catch(() => older.text.decrypt(text)),
      decryptSync: (text) =>
        orElse(
          () => key.text.decryptSync(text),
          () => older.text.decryptSync(text),
        ),
    },
    sealed: {
      ...key.sealed,
      decrypt: (text, property) => key.sealed.decrypt(text, property).catch(() => older.sealed.decrypt(text, property)),
      decryptSync: (text, property) =>
        orElse(
          () => key.sealed.decryptSync(text, property),
          () => older.sealed.decryptSync(text, property),
        ),
    },
  }
}

function orElse(one: () => string, other: () => string): string {
  try {
    return one()
  } catch {
    return other()
  }
}

function hexElsewhere(key: TextCipher, forHex: TextCipher): TextCipher {
  return {
    ...key,
    decrypt: (text) => (isHex(text) ? forHex : key).decrypt(text),
    decryptSync: (text) => (isHex(text) ? forHex : key).decryptSync(text),
  }
}
