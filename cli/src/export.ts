import type { Config, Json } from '@carillon/client'
import { soundsSecret } from '@carillon/environment'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { type AskingArguments, ask, askingFlags } from './asking.js'
import { connectionEpilogue } from './connection.js'
import { CommandError } from './failure.js'
import { dotenvText } from './formats/dotenv.js'
import { checkName, manifestText, nameFrom } from './formats/kubernetes.js'
import { pairsOf, sortedTree } from './formats/pairs.js'
import { propertiesText } from './formats/properties.js'
import { yamlText } from './formats/yaml.js'
import { usageOf } from './help.js'
import { listFlag, textFlag } from './option.js'
import { print } from './output.js'
import { pickFlat, pickTree, requireKeys } from './picked.js'
import { say, someOf } from './talk.js'

const FORMATS = ['dotenv', 'json', 'yaml', 'properties', 'configmap', 'secret'] as const
const KEYS = ['nested', 'flat', 'env'] as const

type Format = (typeof FORMATS)[number]
type Keys = (typeof KEYS)[number]

interface ExportArguments extends AskingArguments {
  readonly format: string | undefined
  readonly keys: string | undefined
  readonly name: string | undefined
  readonly only: readonly string[] | undefined
  readonly prefix: string | undefined
}

const flags = {
  format: textFlag('format', { alias: 'f', says: 'What to write', choices: FORMATS }),
  keys: textFlag('keys', {
    says: 'Keys in levels, as db.pool, or as DB_POOL',
    choices: KEYS,
    default: 'nested for json and yaml, env for dotenv, else flat',
  }),
  name: textFlag('name', { says: 'Name of the ConfigMap or Secret [default: the application]' }),
  only: listFlag({ says: 'Only these keys and what is below them' }),
  prefix: textFlag('prefix', { says: 'What the names of variables begin with' }),
} as const

const exportWords = 'Write configuration as dotenv, JSON, YAML, properties, ConfigMap or Secret'

/** `carillon export APP[/PROFILE][@LABEL] --format FORMAT` */
export const exportCommand: CommandModule<object, ExportArguments> = {
  command: 'export [target]',
  describe: exportWords,
  builder: (command: Argv): Argv<ExportArguments> =>
    askingFlags(command)
      .usage(usageOf('export APP[/PROFILE][@LABEL] --format FORMAT', exportWords))
      .options(flags)
      .example('$0 export orders/prod --format dotenv > .env', 'for dotenv and node --env-file')
      .example('$0 export orders/prod@v1.4 -f secret --only db | kubectl apply -f -', 'what is below db')
      .example('$0 export orders/prod -f configmap --keys env', 'for envFrom')
      .epilogue(`Sorted: the same configuration is the same text. Secrets stand in it as they are. ${connectionEpilogue}`),
  handler: (args) => exportAll(args),
}

async function exportAll(args: ArgumentsCamelCase<ExportArguments>): Promise<void> {
  const format = args.format as Format | undefined
  if (format === undefined) throw new CommandError('usage', `Which --format: ${FORMATS.join(', ')}?`)
  const keys = keysOf(format, args.keys as Keys | undefined)
  const { name: given } = args
  if (given !== undefined && format !== 'configmap' && format !== 'secret') {
    throw new CommandError('usage', `--name is for configmap and secret, and --format is ${format}.`)
  }
  if (given !== undefined) checkName(given)
  if (args.prefix !== undefined && keys !== 'env')
    throw new CommandError('usage', `--prefix is for names of variables, and --keys is ${keys}.`)
  const { target, config } = await ask(args, 'refuse')
  requireKeys(config, args.only)
  const name = given ?? nameFrom(target.name)
  await print(textOf(config, { format, keys, name, only: args.only, prefix: args.prefix }))
}

/** What the keys of a format are called where nobody says otherwise; and what cannot be said. */
function keysOf(format: Format, keys: Keys | undefined): Keys {
  const tree = format === 'json' || format === 'yaml'
  if (keys === undefined) return tree ? 'nested' : format === 'dotenv' ? 'env' : 'flat'
  if (format === 'dotenv' && keys !== 'env')
    throw new CommandError('usage', `dotenv has names of variables: --keys ${keys} cannot be meant.`)
  if (keys === 'nested' && !tree) throw new CommandError('usage', `${format} has no levels: expected --keys flat or env.`)
  return keys
}

interface Writing {
  readonly format: Format
  readonly keys: Keys
  readonly name: string
  readonly only: readonly string[] | undefined
  readonly prefix: string | undefined
}

function textOf(config: Config<unknown>, { format, name, ...which }: Writing): string {
  switch (format) {
    case 'dotenv':
      return dotenvText(pairsOf(valuesOf(config, which)))
    case 'json':
      return `${JSON.stringify(treeOf(config, which), null, 2)}\n`
    case 'yaml':
      return yamlText(treeOf(config, which))
    case 'properties':
      return propertiesText(pairsOf(valuesOf(config, which)))
    case 'configmap':
      return configMap(valuesOf(config, which), name)
    case 'secret':
      return manifestText(pairsOf(valuesOf(config, which)), { kind: 'Secret', name })
    default:
      return format satisfies never
  }
}

type Which = Pick<Writing, 'keys' | 'only' | 'prefix'>

function valuesOf(config: Config<unknown>, { keys, only, prefix }: Which): ReadonlyMap<string, Json> {
  if (keys !== 'env') return pickFlat(config.flat(), only)
  const variables = config.toEnv({ ...(only === undefined ? {} : { pick: only }), ...(prefix === undefined ? {} : { prefix }) })
  return new Map(Object.entries(variables))
}

function treeOf(config: Config<unknown>, which: Which): Json {
  return sortedTree(which.keys === 'nested' ? pickTree(config.values as Json, which.only) : Object.fromEntries(valuesOf(config, which)))
}

function configMap(values: ReadonlyMap<string, Json>, name: string): string {
  const secrets = [...values.keys()].filter(soundsSecret).sort()
  if (secrets.length > 0) say(`a ConfigMap is no place for secrets, and these look like some: ${someOf(secrets)}; see --format secret`)
  return manifestText(pairsOf(values), { kind: 'ConfigMap', name })
}
