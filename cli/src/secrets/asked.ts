import { createCipher } from '@carillon/environment/ciphers'
import { type ConnectionArguments, connectionFlags } from '../connection.js'
import { CommandError } from '../failure.js'
import { listFlag, numberFlag, textFlag } from '../option.js'
import type { PlaceArguments } from './in-place.js'
import { choiceOf, type KeyArguments, keyFlags, keyNames, namesKey, openKeys } from './keys.js'
import { remoteCipher, type TextCipher } from './remote.js'

export interface CipherArguments extends KeyArguments, ConnectionArguments {}

/** Which text, and who has the key: the flags that `encrypt` and `decrypt` have in common. */
export const cipherFlags = {
  ...keyFlags,
  ...connectionFlags,
  server: listFlag({ says: 'Ask a server for it, instead of taking a key that is here' }),
  timeout: numberFlag('timeout', { says: 'Seconds that a server has', default: '10' }),

  file: textFlag('file', { alias: 'f', says: 'A file as a whole, instead of standard input' }),
  in: textFlag('in', { alias: 'i', says: 'A YAML or properties file in which the value of --property is changed' }),
  property: textFlag('property', { says: 'The property that the value belongs to, such as db.password' }),
  line: numberFlag('line', { says: 'Its line, where --in has it several times', number: 'number of a line' }),
} as const

/** Refuses flags that say two things. */
export function checkPlace(args: PlaceArguments & { readonly output?: string | undefined }): void {
  if (args.in !== undefined && (args.file !== undefined || args.output !== undefined))
    throw new CommandError('usage', '--in changes a value where it stands: expected it without --file and --output.')
  if (args.in === undefined && args.line !== undefined) throw new CommandError('usage', '--line is for --in.')
}

/** The cipher of a key that is here, or of a server. Throws 'usage' where it is not clear which. */
export async function cipherOf(args: CipherArguments): Promise<TextCipher> {
  const choice = choiceOf(args)
  if (args.server === undefined) return createCipher(await openKeys(choice, keyNames, process.env))
  if (namesKey(choice)) throw new CommandError('usage', 'A server has its own keys: expected --server without flags of a key.')
  return remoteCipher(args, args.server)
}
