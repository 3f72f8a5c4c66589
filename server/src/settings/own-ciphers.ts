import { CIPHER_PREFIX } from '@carillon/environment'
import { type Cipher, createCipher } from '@carillon/environment/ciphers'
import { ServerError } from '../errors.js'
import type { SettingsDocument } from './document-types.js'
import { encryptSettings } from './encrypt.js'
import { installKeys, type ReadFile } from './keys.js'
import type { Entry } from './layers.js'

/** Decrypts the server's own settings: gives the plain text of a `{cipher}` value, or reports and gives an empty one. */
export type DecryptOwn = (text: string, entry: Pick<Entry, 'key' | 'place'>) => string

export interface OwnCiphers {
  /** What the settings say of ciphers, not yet checked; only asked for where there is a cipher value. */
  readonly document: () => Partial<SettingsDocument>
  readonly read: ReadFile
  readonly report: (problem: string) => void
  readonly warn: (warning: string) => void
}

/** The keys are made when the first cipher value is met: most settings have none. */
export function ownDecryption({ document, read, report, warn }: OwnCiphers): DecryptOwn {
  let made: { readonly cipher: Cipher | undefined; readonly complain: (problem: string) => void } | undefined
  const make = () => {
    const said = document()
    const complain = said['encrypt.fail-on-error'] === false ? warn : report
    return { cipher: cipherOf(said, read, report), complain }
  }
  const known = new Map<string, string>()
  return (text, entry) => {
    const name = JSON.stringify([entry.key, text])
    const plain = known.get(name) ?? decrypt(text, entry)
    known.set(name, plain)
    return plain
  }

  function decrypt(text: string, { key, place }: Pick<Entry, 'key' | 'place'>): string {
    made ??= make()
    if (made.cipher === undefined) {
      made.complain(`${key} (${place}) is a {cipher} value, and no key is installed: give encrypt.key or encrypt.key-store`)
      return ''
    }
    try {
      return made.cipher.decryptSync(text.slice(CIPHER_PREFIX.length), { property: key })
    } catch {
      made.complain(`${key} (${place}) cannot be decrypted: its text was not encrypted with this key, or for another key of the settings`)
      return ''
    }
  }
}

/** What is wrong with the keys themselves is told when the checked settings are used; here it only means that there is none. */
function cipherOf(document: Partial<SettingsDocument>, read: ReadFile, report: OwnCiphers['report']): Cipher | undefined {
  try {
    const find = installKeys(
      encryptSettings(document, () => {}),
      read,
    )
    return find === undefined ? undefined : createCipher(find)
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    report(error.message)
    return undefined
  }
}
