import { EnvironmentError } from '@carillon/environment'
import { type FindKey, keyOfText, keyring, keysOfStore, type RsaOptions, readKeyStore } from '@carillon/environment/ciphers'
import { CommandError } from '../failure.js'
import { readGiven } from '../given-file.js'
import { listFlag, switchFlag, textFlag } from '../option.js'

/** Where keys are, by flags and variables: a key itself is never in a flag. */
export interface KeyChoice {
  /** Each `FILE` or `ID=FILE`. */
  readonly files: readonly string[] | undefined
  readonly store: string | undefined
  readonly alias: string | undefined
  readonly passwordFile: string | undefined
  readonly algorithm: string | undefined
  readonly strong: boolean | undefined
  readonly salt: string | undefined
}

/** What the variables and flags of a key are called, for messages too. */
export interface KeyNames {
  /** What the flags begin with. */
  readonly prefix: '' | 'old-'
  readonly key: readonly string[]
  readonly password: readonly string[]
  readonly secret: readonly string[]
}

/** Of the key in use: Spring's variables, and one of our own that wins. */
export const keyNames: KeyNames = {
  prefix: '',
  key: ['CARILLON_ENCRYPT_KEY', 'ENCRYPT_KEY'],
  password: ['CARILLON_KEY_STORE_PASSWORD', 'ENCRYPT_KEYSTORE_PASSWORD', 'ENCRYPT_KEY_STORE_PASSWORD'],
  secret: ['CARILLON_KEY_STORE_SECRET', 'ENCRYPT_KEYSTORE_SECRET', 'ENCRYPT_KEY_STORE_SECRET'],
}

/** Of the key that is on its way out. */
export const oldKeyNames: KeyNames = {
  prefix: 'old-',
  key: ['CARILLON_OLD_ENCRYPT_KEY'],
  password: ['CARILLON_OLD_KEY_STORE_PASSWORD'],
  secret: ['CARILLON_OLD_KEY_STORE_SECRET'],
}

export interface KeyArguments {
  readonly 'key-file': readonly string[] | undefined
  readonly 'key-store': string | undefined
  readonly alias: string | undefined
  readonly 'password-file': string | undefined
  readonly algorithm: string | undefined
  readonly strong: boolean | undefined
  readonly salt: string | undefined
}

const ALGORITHMS = ['DEFAULT', 'OAEP'] as const

/** The flags of every command that needs a key. */
export const keyFlags = {
  'key-file': listFlag({
    says: 'File with the key, a password or an RSA key in PEM; ID=FILE for what names the key ID',
    env: 'CARILLON_ENCRYPT_KEY, ENCRYPT_KEY: the key itself',
  }),
  'key-store': textFlag('key-store', { says: 'PKCS#12 or JKS file with RSA keys' }),
  alias: textFlag('alias', { says: 'Which of its keys' }),
  'password-file': textFlag('password-file', {
    says: 'File with its password',
    env: 'CARILLON_KEY_STORE_PASSWORD, ENCRYPT_KEYSTORE_PASSWORD: the password itself',
  }),
  algorithm: textFlag('algorithm', { says: 'As encrypt.rsa.algorithm of the server', choices: ALGORITHMS, default: 'DEFAULT' }),
  strong: switchFlag({ says: 'As encrypt.rsa.strong of the server' }),
  salt: textFlag('salt', { says: 'As encrypt.salt or encrypt.rsa.salt of the server', default: 'deadbeef' }),
} as const

/** Said below the flags of such a command. */
export const keyEpilogue = 'Keys, passwords and texts are never in flags, which others can see.'

/** Whether any flag names a key that is here. */
export function namesKey(choice: KeyChoice): boolean {
  return Object.values(choice).some((flag) => flag !== undefined)
}

export function choiceOf(args: KeyArguments): KeyChoice {
  const { alias, algorithm, strong, salt } = args
  return { files: args['key-file'], store: args['key-store'], alias, passwordFile: args['password-file'], algorithm, strong, salt }
}

type Variables = Readonly<Record<string, string | undefined>>

/** The keys that were chosen; flags win over variables. Throws 'usage' where there is none, or none that can be used. */
export async function openKeys(choice: KeyChoice, names: KeyNames, env: Variables): Promise<FindKey> {
  const { prefix } = names
  const { files = [], store } = choice
  if (files.length > 0 && store !== undefined)
    throw new CommandError('usage', `--${prefix}key-file and --${prefix}key-store are both given: expected one of them.`)
  if (store !== undefined) return storeKeys({ ...choice, store }, names, env)
  if (choice.algorithm !== undefined || choice.strong || choice.alias !== undefined)
    throw new CommandError('usage', `--${prefix}alias, --${prefix}algorithm and --${prefix}strong are for --${prefix}key-store.`)
  if (files.length > 0) return fileKeys(files, choice)
  const [variable, text] = firstOf(names.key, env)
  if (text !== undefined) return always(keyFrom(text, choice, variable))
  throw new CommandError(
    'usage',
    `Which key? --${prefix}key-file FILE, --${prefix}key-store FILE, or the variable ${names.key.join(' or ')}; carillon keygen makes one.`,
  )
}

/** Files without an id are the keys for all that names none: the first of them encrypts. */
async function fileKeys(files: readonly string[], choice: KeyChoice): Promise<FindKey> {
  const named = files.map((each) => {
    const [, id, file] = /^([\w.-]+)=(.+)$/s.exec(each) ?? [undefined, undefined, each]
    return { id, file: file ?? each }
  })
  const keys = await Promise.all(named.map(async ({ id, file }) => ({ id, key: keyFrom(await secretIn(file), choice, file) })))
  const bare = keys.filter(({ id }) => id === undefined)
  const first = bare[0] ?? keys[0]
  const others = keys
    .filter((each) => each !== first || each.id !== undefined)
    .map(({ id, key }, index) => [id ?? `\0${index}`, key] as const)
  return keyring(first === undefined ? undefined : always(first.key), new Map(others))
}

/** A single key takes what names any, as in Spring. */
function always(key: ReturnType<typeof keyOfText>): FindKey {
  return () => key
}

function keyFrom(text: string, { salt }: KeyChoice, where: string): ReturnType<typeof keyOfText> {
  const key = orUsage(where, () => keyOfText(text, salt === undefined ? {} : { salt }))
  if (salt !== undefined && key.publicKey !== undefined)
    throw new CommandError('usage', `The key in ${where} is an RSA key without a key store: its salt is always deadbeef, as in Spring.`)
  return key
}

async function storeKeys(choice: KeyChoice & { readonly store: string }, names: KeyNames, env: Variables): Promise<FindKey> {
  const { store, alias, algorithm, strong, salt, passwordFile } = choice
  const { prefix } = names
  const password = passwordFile === undefined ? firstOf(names.password, env)[1] : await secretIn(passwordFile)
  if (password === undefined)
    throw new CommandError(
      'usage',
      `The password of '${store}' is missing: --${prefix}password-file FILE or the variable ${names.password[0]}.`,
    )
  const bytes = await readGiven(store)
  const [, secret] = firstOf(names.secret, env)
  return orUsage(store, () => {
    const read = readKeyStore(bytes, password)
    const chosen = alias ?? (read.aliases.length === 1 ? read.aliases[0] : undefined)
    if (chosen === undefined)
      throw new CommandError('usage', `Which --${prefix}alias? '${store}' has ${read.aliases.join(', ') || 'no key'}.`)
    const rsa: RsaOptions = {
      algorithm: algorithm === 'OAEP' ? 'OAEP' : 'DEFAULT',
      strong: strong === true,
      ...(salt === undefined ? {} : { salt }),
    }
    return keysOfStore(read, { alias: chosen, rsa, ...(secret === undefined ? {} : { secret }) })
  })
}

function firstOf(names: readonly string[], env: Variables): readonly [name: string, value: string | undefined] {
  const name = names.find((each) => env[each] !== undefined) ?? ''
  return [name, env[name]]
}

/** What is wrong with a key is told with its place, and nothing of it. */
function orUsage<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof EnvironmentError) throw new CommandError('usage', `${where}: ${error.message}`)
    throw error
  }
}

/** A file with one text; editors end it with a line break, which is not part of it. */
async function secretIn(file: string): Promise<string> {
  return (await readGiven(file)).toString('utf8').replace(/\r?\n$/, '')
}
