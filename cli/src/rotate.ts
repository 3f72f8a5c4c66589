import { join } from 'node:path'
import { createCipher } from '@carillon/environment/ciphers'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { CommandError } from './failure.js'
import { tsvText } from './formats/table.js'
import { usageOf } from './help.js'
import { listFlag, switchFlag, textFlag } from './option.js'
import { print } from './output.js'
import { choiceOf, type KeyArguments, type KeyChoice, keyEpilogue, keyFlags, keyNames, oldKeyNames, openKeys } from './secrets/keys.js'
import { replaceFiles } from './secrets/replace-files.js'
import { type RotatedFile, rotateFiles } from './secrets/rotation.js'
import { sealingOf } from './secrets/texts.js'
import { findCipherFiles, uncommitted } from './secrets/work-tree.js'
import { say, someOf } from './talk.js'

interface RotateArguments extends KeyArguments {
  readonly folder: string | undefined
  readonly 'old-key-file': readonly string[] | undefined
  readonly 'old-key-store': string | undefined
  readonly 'old-alias': string | undefined
  readonly 'old-password-file': string | undefined
  readonly 'old-algorithm': string | undefined
  readonly 'old-strong': boolean | undefined
  readonly 'old-salt': string | undefined
  readonly 'key-id': string | undefined
  readonly sealed: boolean | undefined
  readonly 'dry-run': boolean | undefined
  readonly force: boolean | undefined
}

const flags = {
  'dry-run': switchFlag({ alias: 'n', says: 'Only list what would be changed' }),
  force: switchFlag({ says: 'Write over changes that are not committed, too' }),
  'old-key-file': listFlag({
    says: 'File with the key of now, or several, each FILE or ID=FILE',
    env: 'CARILLON_OLD_ENCRYPT_KEY: the key itself',
  }),
  'old-key-store': textFlag('old-key-store', { says: 'PKCS#12 or JKS file with the key of now' }),
  'old-alias': textFlag('old-alias', { says: 'Which of its keys is that of texts that name none' }),
  'old-password-file': textFlag('old-password-file', {
    says: 'File with its password',
    env: 'CARILLON_OLD_KEY_STORE_PASSWORD: the password itself',
  }),
  'old-algorithm': textFlag('old-algorithm', { says: 'What --algorithm was', choices: ['DEFAULT', 'OAEP'], default: 'DEFAULT' }),
  'old-strong': switchFlag({ says: 'What --strong was' }),
  'old-salt': textFlag('old-salt', { says: 'What --salt was', default: 'deadbeef' }),
  sealed: switchFlag({ says: 'Write the cipher of Carillon ({gcm:1}); what was sealed stays sealed anyway' }),
  'key-id': textFlag('key-id', { says: 'What the results name their key by ({key:ID}); with a key store the alias' }),
} as const

const rotateWords = 'Encrypt every {cipher} value of a working tree with a new key'

/** `carillon rotate [FOLDER]` */
export const rotateCommand: CommandModule<object, RotateArguments> = {
  command: 'rotate [folder]',
  describe: rotateWords,
  builder: (command: Argv): Argv<RotateArguments> =>
    command
      .usage(usageOf('rotate [FOLDER]', rotateWords))
      .positional('folder', { type: 'string', describe: 'The working tree [default: .]' })
      .options({ ...flags, ...keyFlags })
      .example('$0 rotate --old-key-file old.key --key-file new.key --dry-run', 'what would be changed')
      .example('$0 rotate config-repo --old-key-file old.key --key-file new.key', 'all of it, or nothing')
      .example('$0 rotate --old-key-file old.key --key-store new.p12 --key-id 2027 --sealed', 'another kind of key')
      .epilogue(`In .yml, .yaml and .properties files. Exit code 1: a value has another key, and nothing was written. ${keyEpilogue}`),
  handler: (args) => rotate(args),
}

async function rotate(args: ArgumentsCamelCase<RotateArguments>): Promise<void> {
  const { folder = '.' } = args
  const sealing = sealingOf(args)
  const from = createCipher(await openKeys(oldChoiceOf(args), oldKeyNames, process.env))
  const to = createCipher(await openKeys(choiceOf(args), keyNames, process.env))
  const { readable, others } = await findCipherFiles(folder)
  const { locateValues: locate } = await import('@carillon/server')
  const files = await rotateFiles(readable, { from, to, sealing, locate })
  const changing = files.filter(({ changed }) => changed.length > 0)
  if (!args['dry-run']) await write(folder, changing, args.force ? 'all' : 'committed')
  await print(tsvText({ headings: ['place', 'key'], rows: changing.flatMap(({ changed }) => changed) }))
  say(summary(files, args['dry-run'] ? 'would be encrypted' : 'encrypted'))
  if (others.length > 0) say(`not looked into, though {cipher} stands there: ${someOf(others)}`)
}

function oldChoiceOf(args: RotateArguments): KeyChoice {
  return {
    files: args['old-key-file'],
    store: args['old-key-store'],
    alias: args['old-alias'],
    passwordFile: args['old-password-file'],
    algorithm: args['old-algorithm'],
    strong: args['old-strong'],
    salt: args['old-salt'],
  }
}

async function write(folder: string, files: readonly RotatedFile[], which: 'committed' | 'all'): Promise<void> {
  const dirty = which === 'all' ? new Set<string>() : await uncommitted(folder)
  const refused = files.map(({ path }) => path).filter((path) => dirty.has(path))
  if (refused.length > 0)
    throw new CommandError('refused', `There are changes that are not committed in ${someOf(refused)}: commit them first, or add --force.`)
  await replaceFiles(files.map(({ path, was, becomes }) => ({ path: join(folder, path), was, becomes })))
}

function summary(files: readonly RotatedFile[], verb: string): string {
  const changing = files.filter(({ changed }) => changed.length > 0)
  const count = changing.reduce((sum, { changed }) => sum + changed.length, 0)
  const current = files.reduce((sum, each) => sum + each.current, 0)
  const known = current === 0 ? '' : `; ${current} had the new key already`
  return `${counted(count, 'value')} in ${counted(changing.length, 'file')} ${verb} with the new key${known}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
