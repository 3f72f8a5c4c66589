import { createHash } from 'node:crypto'
import type { Property, PropertySource } from '@carillon/environment'
import {
  type Cipher,
  createCipher,
  type DecryptedProperties,
  decryptProperties,
  type FindKey,
  withoutFallThrough,
} from '@carillon/environment/ciphers'
import type { EncryptSettings } from '../settings/settings.js'
import { OVERRIDES } from './overrides.js'
import { decryptText, type PlainText } from './secret-text.js'
import type { Pin } from './source.js'

/** Property sources as clients get to see them. */
export interface Revealed {
  readonly propertySources: readonly PropertySource[]
  /**
   * What must stand beside the digest of the encrypted sources for the two to say what is shown: whether it was decrypted, and what could not be. Empty where
   * nothing was encrypted. It tells nothing of what the values are.
   */
  readonly mark: string
  /** The answer holds for as long as the keys do. */
  readonly pins: readonly Pin[]
}

/** What is done with cipher values on their way out. */
export interface Secrets {
  readonly reveal: (sources: readonly PropertySource[]) => Promise<Revealed>
  /** A plain-text file as clients get to see it. Throws `undecipherable`. */
  readonly revealText: (file: PlainText) => Promise<string>
  /** With the keys of this moment; `undefined` where none is installed. */
  readonly cipher: () => Cipher | undefined
}

/** Without keys, and without looking for cipher values. */
export const noSecrets: Secrets = {
  reveal: (propertySources) => Promise.resolve({ propertySources, mark: '', pins: [] }),
  revealText: ({ text }) => Promise.resolve(text),
  cipher: () => undefined,
}

/** The keys of this moment: another object once they have changed. */
export interface Keys {
  readonly find: FindKey | undefined
}

export interface SecretsOptions {
  readonly settings: Pick<EncryptSettings, 'enabled' | 'plainText' | 'invalid' | 'fallThrough'>
  readonly keys: () => Keys
  /** Told once of every document that has values which cannot be decrypted; `keys` are their names. */
  readonly onFailed: (failure: { readonly source: string; readonly keys: readonly string[]; readonly reason: 'no-key' | 'failed' }) => void
}

/** Everything that is known under one set of keys. Decrypted values live as long as the documents they come from, in memory alone. */
interface Generation {
  readonly keys: Keys
  readonly cipher: Cipher | undefined
  readonly decrypted: WeakMap<ReadonlyMap<string, Property>, Promise<DecryptedProperties>>
}

export function createSecrets({ settings, keys, onFailed }: SecretsOptions): Secrets {
  let current = generationOf(keys())
  const generation = (): Generation => {
    if (current.keys !== keys()) current = generationOf(keys())
    return current
  }
  const decrypt = async ({ name, properties }: PropertySource, { cipher }: Generation): Promise<DecryptedProperties> => {
    const decrypted = await decryptProperties(properties, cipher ?? noCipher, settings)
    if (decrypted.failed.length > 0) {
      onFailed({ source: name, keys: decrypted.failed, reason: cipher === undefined ? 'no-key' : 'failed' })
    }
    return decrypted
  }
  const known = (source: PropertySource, at: Generation): Promise<DecryptedProperties> => {
    const found = at.decrypted.get(source.properties) ?? decrypt(source, at)
    at.decrypted.set(source.properties, found)
    return found
  }
  return {
    cipher: () => generation().cipher,
    revealText: async (file) => (settings.enabled && settings.plainText ? decryptText(file, generation().cipher) : file.text),
    reveal: async (sources) => {
      if (!settings.enabled) return { propertySources: sources, mark: '', pins: [] }
      const at = generation()
      // The server's own overrides are what its settings say, whatever they look like.
      const parts = await Promise.all(sources.map((source) => (source.name === OVERRIDES ? untouched(source) : known(source, at))))
      if (parts.every(({ ciphers }) => ciphers === 0)) return { propertySources: sources, mark: '', pins: [] }
      const shown = sources.map(({ name }, index) => ({ name, properties: parts[index]?.properties ?? new Map() }))
      const failed = parts.map((part) => part.failed)
      return {
        propertySources: settings.invalid === 'prefix' && settings.fallThrough === 'hide' ? withoutFallThrough(shown, failed) : shown,
        mark: markOf(failed, settings),
        pins: [{ snapshot: { id: '' }, isCurrent: () => at.keys === keys() }],
      }
    },
  }
}

function generationOf(keys: Keys): Generation {
  return { keys, cipher: keys.find === undefined ? undefined : createCipher(keys.find), decrypted: new WeakMap() }
}

const noCipher: Pick<Cipher, 'decrypt'> = { decrypt: () => Promise.reject(new Error('no key')) }

function untouched({ properties }: PropertySource): DecryptedProperties {
  return { properties, ciphers: 0, failed: [] }
}

/** A cipher text has one plain text or none: with the digest of the texts it is enough to know which were decrypted. */
function markOf(failed: readonly (readonly string[])[], { invalid, fallThrough }: SecretsOptions['settings']): string {
  if (failed.every(({ length }) => length === 0)) return '.plain'
  const hash = createHash('sha256')
    .update(JSON.stringify([invalid, fallThrough, failed]))
    .digest('base64url')
  return `.plain-${hash.slice(0, 16)}`
}
