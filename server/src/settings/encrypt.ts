import type { SettingsDocument } from './document-types.js'
import { frozenMap } from './frozen-map.js'
import { given } from './making.js'
import type { EncryptSettings, SettingFile } from './settings.js'

type Report = (problem: string) => void

const SERVER = 'spring.cloud.config.server.encrypt'
const STORE = 'encrypt.key-store'

/**
 * What a document says about ciphers. Only what is given is looked at, so that the server's own cipher values can be decrypted before the document is checked and
 * has its defaults. Reports what cannot be meant.
 */
export function encryptSettings(document: Partial<SettingsDocument>, report: Report): EncryptSettings {
  const keyFile = fileAt('carillon.encrypt.key-file', document['carillon.encrypt.key-file'], report)
  if (keyFile !== undefined && isSaid(document['encrypt.key']))
    report('encrypt.key and carillon.encrypt.key-file: both are given; give one')
  const salt = document['encrypt.salt'] ?? 'deadbeef'
  if (!/^([0-9a-f]{2})+$/i.test(salt)) report('encrypt.salt: is not hex, expected an even number of digits 0 to 9 and a to f')
  const keyStore = keyStoreOf(document, report)
  return {
    enabled: document[`${SERVER}.enabled`] ?? true,
    plainText: document[`${SERVER}.plain-text-encrypt`] ?? false,
    invalid: (document[`${SERVER}.prefix-invalid-properties`] ?? true) ? 'prefix' : 'text',
    fallThrough: (document['carillon.encrypt.fall-through'] ?? false) ? 'show' : 'hide',
    ...given('key', document['encrypt.key']),
    salt,
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(keyStore === undefined ? {} : { keyStore }),
    keys: frozenMap(Object.entries(document['carillon.encrypt.keys'] ?? {}).map(([id, text]) => [id, keyAt(id, text, report)])),
  }
}

function keyStoreOf(document: Partial<SettingsDocument>, report: Report): EncryptSettings['keyStore'] {
  const location = fileAt(`${STORE}.location`, document[`${STORE}.location`], report)
  if (location === undefined) return undefined
  const alias = document[`${STORE}.alias`] ?? ''
  if (alias.trim() === '') report(`${STORE}.alias is missing; ${STORE}.location needs it`)
  return {
    location,
    password: document[`${STORE}.password`] ?? '',
    alias,
    ...given('secret', document[`${STORE}.secret`]),
    rsa: {
      algorithm: document['encrypt.rsa.algorithm'] === 'oaep' ? 'OAEP' : 'DEFAULT',
      strong: document['encrypt.rsa.strong'] ?? false,
      salt: document['encrypt.rsa.salt'] ?? 'deadbeef',
    },
  }
}

function keyAt(id: string, text: string, report: Report): string | SettingFile {
  const key = `carillon.encrypt.keys.${id}`
  if (text.trim() === '') report(`${key}: is empty`)
  if (!/^[\w.-]+$/.test(id)) report(`${key}: is no id, expected letters, digits and . _ -`)
  return text.startsWith('file:') ? (fileAt(key, text, report) ?? text) : text
}

function fileAt(key: string, location: string | undefined, report: Report): SettingFile | undefined {
  if (!isSaid(location)) return undefined
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(location)) report(`${key}: got "${location}", expected a path or a file: address`)
  return { key, location }
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}
