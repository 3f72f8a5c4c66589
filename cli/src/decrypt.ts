import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { connectionEpilogue } from './connection.js'
import { CommandError } from './failure.js'
import { usageOf } from './help.js'
import { print } from './output.js'
import { type CipherArguments, checkPlace, cipherFlags, cipherOf } from './secrets/asked.js'
import { changeInPlace, type PlaceArguments } from './secrets/in-place.js'
import { readInput, refuseWords } from './secrets/input.js'
import { keyEpilogue } from './secrets/keys.js'
import { decryptValue } from './secrets/texts.js'
import { say } from './talk.js'

interface DecryptArguments extends CipherArguments, PlaceArguments {}

const decryptWords = 'Decrypt a text, a file, or a value of a configuration file in place'

/** `carillon decrypt` */
export const decryptCommand: CommandModule<object, DecryptArguments> = {
  command: 'decrypt [words..]',
  describe: decryptWords,
  builder: (command: Argv): Argv<DecryptArguments> =>
    command
      .usage(usageOf('decrypt [--file FILE | --in FILE --property KEY]', decryptWords))
      .positional('words', { type: 'string', array: true })
      .hide('words')
      .options(cipherFlags)
      .example('$0 decrypt --key-file key < value.txt', 'with {cipher} and quotes, or without')
      .example('$0 decrypt --key-file key --in orders.yml --property db.password', 'that value, in place')
      .example('$0 decrypt --key-file key --file token.enc > token.txt', 'a file, to the byte')
      .epilogue(`What comes from standard input is written with a line break behind it. ${keyEpilogue} ${connectionEpilogue}`),
  handler: (args) => decrypt(args),
}

async function decrypt(args: ArgumentsCamelCase<DecryptArguments>): Promise<void> {
  refuseWords(args)
  checkPlace(args)
  const cipher = await cipherOf(args)
  if (args.in === undefined) {
    const text = await readInput({ ...args, asks: 'Text to decrypt' })
    const plain = await decryptValue(cipher, text, args.property === undefined ? {} : { property: args.property })
    return print(args.file === undefined ? `${plain}\n` : plain)
  }
  const { place } = await changeInPlace({ ...args, file: args.in }, async ({ key, text, isCipher, place }) => {
    if (!isCipher) throw new CommandError('refused', `${place} is not encrypted.`)
    return decryptValue(cipher, text, { property: key })
  })
  say(`${place} is plain text now`)
}
