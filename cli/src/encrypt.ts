import { CIPHER_PREFIX, type Cipher, createCipher } from '@carillon/environment'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { CommandError } from './failure.js'
import { usageOf } from './help.js'
import { numberFlag, switchFlag, textFlag } from './option.js'
import { print } from './output.js'
import { changeInPlace, type PlaceArguments } from './secrets/in-place.js'
import { readInput, refuseWords } from './secrets/input.js'
import { choiceOf, type KeyArguments, keyEpilogue, keyFlags, keyNames, openKeys } from './secrets/keys.js'
import { encryptValue, type Sealing, sealingOf } from './secrets/texts.js'
import { say } from './talk.js'

const OUTPUTS = ['yaml', 'properties', 'raw'] as const

type Output = (typeof OUTPUTS)[number]

interface EncryptArguments extends KeyArguments, PlaceArguments {
  readonly output: string | undefined
  readonly sealed: boolean | undefined
  readonly 'key-id': string | undefined
}

/** Which text: the flags that `encrypt` and `decrypt` have in common. */
export const placeFlags = {
  file: textFlag('file', { alias: 'f', says: 'A file as a whole, instead of standard input' }),
  in: textFlag('in', { alias: 'i', says: 'A YAML or properties file in which the value of --property is changed' }),
  property: textFlag('property', { says: 'The property that the value belongs to, such as db.password' }),
  line: numberFlag('line', { says: 'Its line, where --in has it several times', number: 'number of a line' }),
} as const

const flags = {
  ...placeFlags,
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
      .options({ ...flags, ...keyFlags })
      .example('$0 encrypt --key-file key', 'asks for a text, and does not show it')
      .example('$0 encrypt --key-file key --in orders.yml --property db.password', 'that value, in place')
      .example('$0 encrypt --key-store server.p12 --alias 2026 --file token.txt', 'with a key of a store')
      .epilogue(`A last line break of standard input is not part of the text. ${keyEpilogue}`),
  handler: (args) => encrypt(args),
}

async function encrypt(args: ArgumentsCamelCase<EncryptArguments>): Promise<void> {
  refuseWords(args)
  const sealing = sealingOf(args)
  checkPlace(args)
  if (sealing.format === 'gcm' && args.property === undefined)
    throw new CommandError('usage', 'A sealed value belongs to one property: which --property?')
  const cipher = createCipher(await openKeys(choiceOf(args), keyNames, process.env))
  if (args.in !== undefined) return encryptInPlace({ ...args, in: args.in }, { cipher, sealing })
  const text = await readInput({ ...args, asks: 'Text to encrypt' })
  const context = args.property === undefined ? {} : { property: args.property }
  await print(`${writtenFor((args.output ?? 'yaml') as Output, await encryptValue(cipher, text, { sealing, ...context }))}\n`)
}

/** Refuses flags that say two things. */
export function checkPlace(args: PlaceArguments & { readonly output?: string | undefined }): void {
  if (args.in !== undefined && (args.file !== undefined || args.output !== undefined))
    throw new CommandError('usage', '--in changes a value where it stands: expected it without --file and --output.')
  if (args.in === undefined && args.line !== undefined) throw new CommandError('usage', '--line is for --in.')
}

interface Encrypting {
  readonly cipher: Cipher
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
