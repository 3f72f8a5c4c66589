import { readFile } from 'node:fs/promises'
import { EnvironmentError } from '@carillon/environment'
import {
  type Cipher,
  type CipherKey,
  createCipher,
  type FindKey,
  keyOfText,
  keyring,
  keysOfStore,
  readKeyStore,
} from '@carillon/environment/ciphers'
import { ConfigError } from '../errors.js'
import type { DecryptKeyStore, DecryptOptions } from '../options.js'

/** The cipher of these keys; files are read now and not again. Throws 'bad-options', with what was given and never with what it holds. */
export async function openCipher(options: DecryptOptions): Promise<Cipher> {
  const base = await baseKey(options)
  const others = Object.entries(options.keys ?? {}).map(([id, text]) => [id, keyFrom(text, options, `decrypt.keys['${id}']`)] as const)
  return createCipher(keyring(base, new Map(others)))
}

async function baseKey(options: DecryptOptions): Promise<FindKey | undefined> {
  const { key, keyFile, keyStore } = options
  if (keyStore !== undefined) return keysIn(keyStore, options)
  if (keyFile !== undefined) return always(keyFrom(textOf(await contentOf(keyFile)), options, keyFile))
  return key === undefined ? undefined : always(keyFrom(key, options, 'the key of `decrypt`'))
}

async function keysIn({ file, password, alias, secret }: DecryptKeyStore, { rsa }: DecryptOptions): Promise<FindKey> {
  const bytes = await contentOf(file)
  const choice = { alias, ...(secret === undefined ? {} : { secret }), ...(rsa === undefined ? {} : { rsa }) }
  return naming(file, () => keysOfStore(readKeyStore(bytes, password), choice))
}

/** One key takes what names any, as in Spring. */
function always(key: CipherKey): FindKey {
  return () => key
}

function keyFrom(text: string, { salt }: DecryptOptions, where: string): CipherKey {
  if (salt !== undefined && !/^([0-9a-f]{2})+$/i.test(salt))
    throw new ConfigError('bad-options', 'The salt of `decrypt` is not hex, expected an even number of digits 0 to 9 and a to f.')
  return naming(where, () => keyOfText(text, salt === undefined ? {} : { salt }))
}

/** A file ends with a line break that belongs to nobody's password. */
function textOf(content: Buffer): string {
  return content.toString('utf8').replace(/\r?\n$/, '')
}

async function contentOf(location: string): Promise<Buffer> {
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(location))
    throw new ConfigError('bad-options', `The key is at '${location}', expected a path or a file: address.`)
  try {
    return await readFile(location.replace(/^file:(\/\/(?=\/))?/, ''))
  } catch (cause) {
    throw new ConfigError('bad-options', `The key '${location}' cannot be read.`, { cause })
  }
}

function naming<T>(where: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof EnvironmentError) throw new ConfigError('bad-options', `${where}: ${error.message}`)
    throw error
  }
}
