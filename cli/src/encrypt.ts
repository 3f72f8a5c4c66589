import { CIPHER_PREFIX } from '@carillon/environment'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { connectionEpilogue } from './connection.js'
import { CommandError } from './failure.js'
import { usageOf } from './help.js'
import { switchFlag, textFlag } from './option.js'
import { print } from './output.js'
import { type CipherArguments, checkPlace, cipherFlags, cipherOf } from './secrets/asked.js'
import { changeInPlace, type PlaceArguments } from './secrets/in-place.js'
import { readInput, refuseWords } from './secrets/input.js'
import { keyEpilogue } from './secrets/keys.js'
import type { TextCipher } from './secrets/remote.js'
import { encryptValue, type Sealing, sealingOf } from './secrets/texts.js'
import { say } from './talk.js'

const OUTPUTS = ['yaml', 'properties', 'raw'] as const

type Output = (typeof OUTPUTS)[number]

interface EncryptArguments extends CipherArguments, PlaceArguments {
  readonly output: string | undefined
  readonly sealed: boolean | undefined
  readonly 'key-id': string | undefined
}

const flags = {
  ...cipherFlags,
  output: textFlag('output', { alias: 'o', says: "'{cipher}…', {cipher}… or what is behind it", choices: OUTPUTS, default: 'yaml' }),
  sealed: switchFlag({ says: 'The cipher of Carillon ({gcm:1}), authentic and worth nothing under another property' }),
  'key-id': textFlag('key-id', { says: 'What the result names its key by ({key:ID}); with a key store the alias' }),
} as const

const encryptWords = 'Encrypt a text, a file, or a value of a configuration file in place'

/** `carillon encrypt` */
export const encryptCommand: CommandModule<object, EncryptArguments> = {
  command: 'encrypt [words..]',
  describe: encryptWords,
  builder: (command: Argv): Argv<EncryptArguments> =>
    command
      .usage(usageOf('encrypt [--file FILE | --in FILE --property KEY]', encryptWords))
      .positional('words', { type: 'string', array: true })
      .hide('words')
      .options(flags)
      .example('$0 encrypt --key-file key', 'asks for a text, and does not show it')
      .example('$0 encrypt --key-file key --in orders.yml --property db.password', 'that value, in place')
      .example('$0 encrypt --key-store server.p12 --alias 2026 --file token.txt', 'with a key of a store')
      .epilogue(`A last line break of standard input is not part of the text. ${keyEpilogue} ${connectionEpilogue}`),
  handler: (args) => encrypt(args),
}

async function encrypt(args: ArgumentsCamelCase<EncryptArguments>): Promise<void> {
  refuseWords(args)
  const sealing = sealingOf(args)
  checkPlace(args)
  if (sealing.format === 'gcm' && args.property === undefined)
    throw new CommandError('usage', 'A sealed value belongs to one property: which --property?')
  const cipher = await cipherOf(args)
  if (args.in !== undefined) return encryptInPlace({ ...args, in: args.in }, { cipher, sealing })
  const text = await readInput({ ...args, asks: 'Text to encrypt' })
  const context = args.property === undefined ? {} : { property: args.property }
  await print(`${writtenFor((args.output ?? 'yaml') as Output, await encryptValue(cipher, text, { sealing, ...context }))}\n`)
}

interface Encrypting {
  readonly cipher: TextCipher
  readonly sealing: Sealing
}

async function encryptInPlace(args: PlaceArguments & { readonly in: string }, { cipher, sealing }: Encrypting): Promise<void> {
  const { place } = await changeInPlace({ ...args, file: args.in }, async ({ key, text, isCipher, place }) => {
    if (isCipher) throw new CommandError('refused', `${place} is encrypted already; carillon rotate gives it another key.`)
    if (text === '') throw new CommandError('refused', `${place} is empty: there is nothing to encrypt.`)
    return encryptValue(cipher, text, { sealing, property: key })
  })
  say(`${place} is encrypted`)
}

function writtenFor(output: Output, value: string): string {
  switch (output) {
    case 'yaml':
      return `'${value.replaceAll("'", "''")}'`
    case 'properties':
      return value
    case 'raw':
      return value.slice(CIPHER_PREFIX.length)
    default:
      return output satisfies never
  }
}
