import { CIPHER_PREFIX, isCipherText } from '../cipher-text.js'
import { uniformKey } from '../names.js'
import type { Property, PropertySource } from '../types.js'
import type { Cipher } from './cipher.js'

export interface DecryptOptions {
  /** A value that cannot be decrypted: `prefix` shows `<n/a>` under `invalid.<key>`, `text` shows the cipher text under its own key (Spring's two ways). */
  readonly invalid: 'prefix' | 'text'
}

/** A property source with its cipher values decrypted; keys that could not be are listed under their own names. */
export interface DecryptedProperties {
  readonly properties: ReadonlyMap<string, Property>
  /** How many values were cipher texts. */
  readonly ciphers: number
  readonly failed: readonly string[]
}

/**
 * Decrypts the cipher values of one property source. Their keys move to the end in the order of the file and lose their origins, as in Spring; what a value holds
 * when it is plain is not looked at again. Whatever a cipher throws is a value that cannot be decrypted: the others are served.
 */
export async function decryptProperties(
  properties: ReadonlyMap<string, Property>,
  cipher: Pick<Cipher, 'decrypt'>,
  { invalid }: DecryptOptions,
): Promise<DecryptedProperties> {
  if (!hasCipherText(properties)) return { properties, ciphers: 0, failed: [] }
  const kept = new Map([...properties].filter(([, { value }]) => !isCipherText(value)))
  const failed: string[] = []
  let ciphers = 0
  for (const [key, { value }] of properties) {
    if (!isCipherText(value)) continue
    ciphers++
    const text = value.slice(CIPHER_PREFIX.length)
    const plain = await cipher.decrypt(text, { property: key }).catch(() => undefined)
    if (plain === undefined) failed.push(key)
    const [shownKey, shown] = plain !== undefined ? [key, plain] : invalid === 'prefix' ? [`invalid.${key}`, '<n/a>'] : [key, text]
    kept.delete(shownKey)
    kept.set(shownKey, { value: shown })
  }
  return { properties: kept, ciphers, failed }
}

/** Most documents have none. */
function hasCipherText(properties: ReadonlyMap<string, Property>): boolean {
  for (const { value } of properties.values()) if (isCipherText(value)) return true
  return false
}

/**
 * Takes from the weaker sources what a stronger one has and could not decrypt, with everything below it and the whole of a list that it belongs to: a value that is missing
 * stops an application, the value of a weaker file would let it start with the wrong one. `failed` are the lost keys of each source, strongest first.
 */
export function withoutFallThrough(sources: readonly PropertySource[], failed: readonly (readonly string[])[]): readonly PropertySource[] {
  const lost: string[] = []
  return sources.map((source, index) => {
    const hidden = lost.length === 0 ? source : { ...source, properties: withoutKeys(source.properties, lost) }
    lost.push(...(failed[index] ?? []).map((key) => uniformKey(listOf(key))))
    return hidden
  })
}

function withoutKeys(properties: ReadonlyMap<string, Property>, lost: readonly string[]): ReadonlyMap<string, Property> {
  const isLost = (key: string): boolean => {
    const uniform = uniformKey(key)
    return lost.some((other) => uniform === other || uniform.startsWith(`${other}.`))
  }
  return new Map([...properties].filter(([key]) => !isLost(key)))
}

/** `hosts` for `hosts[0].password`: a list comes from one source as a whole. */
function listOf(key: string): string {
  return key.replace(/\[\d+\].*$/s, '')
}
