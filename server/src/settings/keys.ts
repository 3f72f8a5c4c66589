import { EnvironmentError } from '@carillon/environment'
import { type FindKey, keyOfText, keyring, keysOfStore, readKeyStore } from '@carillon/environment/ciphers'
import { ServerError } from '../errors.js'
import type { EncryptSettings, SettingFile } from './settings.js'

/** The content of a file; throws where it cannot be read. */
export type ReadFile = (path: string) => Uint8Array

/** The keys that the settings name; `undefined` where they name none. Throws `invalid-settings` for one that cannot be read or used, without quoting it. */
export function installKeys(settings: EncryptSettings, read: ReadFile): FindKey | undefined {
  const { key, keyFile, keyStore, keys, salt } = settings
  const others = new Map(
    [...keys].map(([id, text]) => [id, naming(`carillon.encrypt.keys.${id}`, () => keyOfText(textOf(text, read), { salt }))]),
  )
  const base = ((): FindKey | undefined => {
    if (keyStore !== undefined) {
      const { location, password, ...choice } = keyStore
      return naming('encrypt.key-store', () => keysOfStore(readKeyStore(Buffer.from(contentOf(location, read)), password), choice))
    }
    const text = keyFile ?? key
    if (text === undefined) return undefined
    const only = naming(keyFile === undefined ? 'encrypt.key' : keyFile.key, () => keyOfText(textOf(text, read), { salt }))
    return () => only
  })()
  return base === undefined && others.size === 0 ? undefined : keyring(base, others)
}

/** The files that hold keys. */
export function keyFiles({ keyFile, keyStore, keys }: EncryptSettings): readonly SettingFile[] {
  return [keyFile, keyStore?.location, ...keys.values()].filter((file): file is SettingFile => typeof file === 'object')
}

/** The path that a location means. */
export function pathOf({ location }: SettingFile): string {
  return location.replace(/^file:(\/\/(?=\/))?/, '')
}

/** A text file ends with a line break that belongs to nobody's password. */
function textOf(text: string | SettingFile, read: ReadFile): string {
  return typeof text === 'string'
    ? text
    : Buffer.from(contentOf(text, read))
        .toString('utf8')
        .replace(/\r?\n$/, '')
}

function contentOf(file: SettingFile, read: ReadFile): Uint8Array {
  const path = pathOf(file)
  try {
    return read(path)
  } catch (cause) {
    throw new ServerError('invalid-settings', `${file.key} names '${path}', which cannot be read.`, { file: path, cause })
  }
}

function naming<T>(key: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    throw new ServerError('invalid-settings', `${key}: ${error.message}`)
  }
}
