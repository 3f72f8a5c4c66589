import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { CommandError } from './failure.js'
import { usageOf } from './help.js'
import { textFlag } from './option.js'
import { print } from './output.js'
import { writeNew } from './secrets/replace-files.js'
import { say } from './talk.js'

const FORMATS = ['base64', 'hex', 'pkcs8', 'pkcs1'] as const
const BITS = ['2048', '3072', '4096'] as const

type Format = (typeof FORMATS)[number]

interface KeygenArguments {
  readonly format: string | undefined
  readonly bits: string | undefined
  readonly out: string | undefined
}

const flags = {
  format: textFlag('format', {
    alias: 'f',
    says: '32 random bytes as text, or an RSA key in PEM; Spring reads pkcs1 of the two',
    choices: FORMATS,
    default: 'base64',
  }),
  bits: textFlag('bits', { says: 'Size of an RSA key', choices: BITS, default: '3072' }),
  out: textFlag('out', { alias: 'o', says: 'The file to make, for its owner alone; in a pipe standard output will do' }),
} as const

const keygenWords = 'Make a key for encrypted values'

/** `carillon keygen` */
export const keygenCommand: CommandModule<object, KeygenArguments> = {
  command: 'keygen',
  describe: keygenWords,
  builder: (command: Argv): Argv<KeygenArguments> =>
    command
      .usage(usageOf('keygen --out FILE', keygenWords))
      .options(flags)
      .example('$0 keygen --out encrypt.key', 'a password of 256 bits')
      .example('$0 keygen --format pkcs8 --out encrypt.pem', 'an RSA key')
      .example('$0 keygen --format hex | vault kv put secret/config key=-', 'a key that no disk sees')
      .epilogue('A file that exists is never overwritten. Keep the key apart from the repository, and a copy of it in a safe place.'),
  handler: (args) => keygen(args),
}

async function keygen({ format: given, bits, out }: ArgumentsCamelCase<KeygenArguments>): Promise<void> {
  const format = (given ?? 'base64') as Format
  if (bits !== undefined && !format.startsWith('pkcs'))
    throw new CommandError('usage', `--bits is for RSA keys, and --format is ${format}.`)
  if (out === undefined && process.stdout.isTTY)
    throw new CommandError('usage', 'A key is not for a screen: expected --out FILE, or a pipe.')
  const text = await keyText(format, Number(bits ?? '3072'))
  if (out === undefined) return print(text)
  await writeKey(out, text)
  say(`${out} holds a new key, for its owner alone`)
}

async function keyText(format: Format, modulusLength: number): Promise<string> {
  switch (format) {
    case 'base64':
    case 'hex':
      return `${randomBytes(32).toString(format)}\n`
    case 'pkcs8':
    case 'pkcs1': {
      const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength })
      return String(privateKey.export({ type: format, format: 'pem' }))
    }
    default:
      return format satisfies never
  }
}

async function writeKey(path: string, text: string): Promise<void> {
  try {
    await writeNew(path, { bytes: Buffer.from(text), mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new CommandError('refused', `'${path}' exists, and is not overwritten: values may be encrypted with it.`)
    throw new CommandError('usage', `The file '${path}' cannot be written (${code ?? 'unknown'}).`)
  }
}
