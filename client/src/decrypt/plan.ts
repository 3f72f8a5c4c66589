import { ConfigError } from '../errors.js'
import type { DecryptOptions } from '../options.js'

/** Options with what variables say. */
export interface DecryptPlan {
  readonly failed: NonNullable<DecryptOptions['failed']>
  /** `undefined`: no key is given. */
  readonly keys: DecryptOptions | undefined
}

type Variables = Readonly<Record<string, string | undefined>>

/** Spring's settings as variables, in each spelling that people use, after our own. */
const NAMES = {
  key: ['CARILLON_ENCRYPT_KEY', 'ENCRYPT_KEY'],
  keyFile: ['CARILLON_ENCRYPT_KEY_FILE'],
  salt: ['ENCRYPT_SALT'],
  file: ['ENCRYPT_KEYSTORE_LOCATION', 'ENCRYPT_KEY_STORE_LOCATION'],
  password: ['CARILLON_KEY_STORE_PASSWORD', 'ENCRYPT_KEYSTORE_PASSWORD', 'ENCRYPT_KEY_STORE_PASSWORD'],
  alias: ['ENCRYPT_KEYSTORE_ALIAS', 'ENCRYPT_KEY_STORE_ALIAS'],
  secret: ['CARILLON_KEY_STORE_SECRET', 'ENCRYPT_KEYSTORE_SECRET', 'ENCRYPT_KEY_STORE_SECRET'],
  algorithm: ['ENCRYPT_RSA_ALGORITHM'],
  strong: ['ENCRYPT_RSA_STRONG'],
  rsaSalt: ['ENCRYPT_RSA_SALT'],
  failOnError: ['ENCRYPT_FAILONERROR', 'ENCRYPT_FAIL_ON_ERROR'],
} as const

/** Keys come from the options, or all of them from variables. Throws 'bad-options' for what cannot be meant, without quoting it. */
export function decryptPlan(given: DecryptOptions | undefined, env: Variables): DecryptPlan {
  const options = given ?? {}
  const named = [options.key, options.keyFile, options.keyStore].filter((key) => key !== undefined).length
  if (named > 1)
    throw new ConfigError('bad-options', '`decrypt` has more than one of key, keyFile and keyStore, expected one; `keys` takes more.')
  const variables = named === 0 && options.keys === undefined ? keysIn(env) : {}
  const keys = { ...variables, ...options }
  const hasKey = [keys.key, keys.keyFile, keys.keyStore, keys.keys].some((key) => key !== undefined)
  return { failed: options.failed ?? failedIn(env), keys: hasKey ? keys : undefined }
}

/** A key store wins over a key, as in Spring. */
function keysIn(env: Variables): DecryptOptions {
  const said = (name: keyof typeof NAMES): string | undefined => valueIn(env, name)
  const [file, key, keyFile, salt] = [said('file'), said('key'), said('keyFile'), said('salt')]
  const salted = salt === undefined ? {} : { salt }
  if (file === undefined && key !== undefined && keyFile !== undefined)
    throw new ConfigError('bad-options', 'CARILLON_ENCRYPT_KEY_FILE and a variable with the key itself are both set, expected one of them.')
  if (file === undefined) return { ...salted, ...(key === undefined ? {} : { key }), ...(keyFile === undefined ? {} : { keyFile }) }
  const [password = '', alias, secret] = [said('password'), said('alias'), said('secret')]
  if (alias === undefined) throw new ConfigError('bad-options', 'ENCRYPT_KEYSTORE_LOCATION is set, and ENCRYPT_KEYSTORE_ALIAS is missing.')
  return { keyStore: { file, password, alias, ...(secret === undefined ? {} : { secret }) }, rsa: rsaIn(env) }
}

function rsaIn(env: Variables): NonNullable<DecryptOptions['rsa']> {
  const salt = valueIn(env, 'rsaSalt')
  const algorithm = (valueIn(env, 'algorithm') ?? 'default').toUpperCase()
  if (algorithm !== 'DEFAULT' && algorithm !== 'OAEP')
    throw new ConfigError('bad-options', 'ENCRYPT_RSA_ALGORITHM is neither default nor oaep.')
  return { algorithm, strong: isTrue(env, 'strong', 'false'), ...(salt === undefined ? {} : { salt }) }
}

function failedIn(env: Variables): DecryptPlan['failed'] {
  return isTrue(env, 'failOnError', 'true') ? 'refuse' : 'omit'
}

function isTrue(env: Variables, name: 'strong' | 'failOnError', otherwise: 'true' | 'false'): boolean {
  const text = (valueIn(env, name) ?? otherwise).toLowerCase()
  if (text !== 'true' && text !== 'false') throw new ConfigError('bad-options', `${NAMES[name][0]} is neither true nor false.`)
  return text === 'true'
}

function valueIn(env: Variables, name: keyof typeof NAMES): string | undefined {
  return NAMES[name].map((variable) => env[variable]).find((value) => value !== undefined && value !== '')
}
