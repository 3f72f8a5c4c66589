import type { Config, Json } from '@carillon/client'
import { isCipherText, uniformKey } from '@carillon/environment'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { type AskingArguments, ask, askingFlags } from './asking.js'
import { connectionEpilogue } from './connection.js'
import { CommandError } from './failure.js'
import { pairsOf, sortedTree, textOf } from './formats/pairs.js'
import { propertiesText } from './formats/properties.js'
import { shellText } from './formats/shell.js'
import { columnsText, type Table, tsvText } from './formats/table.js'
import { yamlText } from './formats/yaml.js'
import { usageOf } from './help.js'
import { type Masked, maskAll, maskValue } from './masks.js'
import { switchFlag, textFlag } from './option.js'
import { print } from './output.js'
import { pickFlat, requireKeys } from './picked.js'
import { say, someOf } from './talk.js'

const OUTPUTS = ['table', 'json', 'yaml', 'properties', 'env', 'raw'] as const

type Output = (typeof OUTPUTS)[number]

interface GetArguments extends AskingArguments {
  readonly key: string | undefined
  readonly output: string | undefined
  readonly reveal: boolean | undefined
}

const flags = {
  output: textFlag('output', {
    alias: 'o',
    says: 'How to write it',
    choices: OUTPUTS,
    default: 'table; for one KEY in a pipe raw',
  }),
  reveal: switchFlag({ says: 'Show what looks like a secret; raw shows it anyway' }),
} as const

const getWords = 'Show configuration as an application gets it, and where each value comes from'

/** `carillon get APP[/PROFILE][@LABEL] [KEY]` */
export const getCommand: CommandModule<object, GetArguments> = {
  command: 'get [target] [key]',
  describe: getWords,
  builder: (command: Argv): Argv<GetArguments> =>
    askingFlags(command)
      .usage(usageOf('get APP[/PROFILE][@LABEL] [KEY]', getWords))
      .positional('key', { type: 'string', describe: 'A key in any spelling, or what keys begin with' })
      .options(flags)
      .example('$0 get orders/prod', 'every key with its value and its place')
      .example('$0 get orders/prod@v1.4 db -o yaml', 'what is below db, at a tag')
      .example('url=$($0 get orders/prod db.url)', 'one value in a script')
      .epilogue(`In a pipe a table is TSV without headings. Exit code 1: there is no such key. ${connectionEpilogue}`),
  handler: (args) => get(args),
}

async function get(args: ArgumentsCamelCase<GetArguments>): Promise<void> {
  const output = args.output as Output | undefined
  if (output === 'raw' && args.key === undefined) throw new CommandError('usage', '-o raw writes one value: which KEY?')
  const { config } = await ask(args, 'keep')
  const selection = selected(config, args.key)
  const chosen = output ?? (selection.isOne && !process.stdout.isTTY ? 'raw' : 'table')
  minding(cipherKeys(selection), chosen)
  const { value: text, count } = textFor(chosen, selection, args.reveal ? 'revealed' : 'masked')
  await print(text)
  if (count > 0)
    say(
      `${count} ${count === 1 ? 'value looks' : 'values look'} like a secret and ${count === 1 ? 'is' : 'are'} masked; --reveal shows all`,
    )
}

function cipherKeys({ flat }: Selection): readonly string[] {
  return [...flat].filter(([, value]) => typeof value === 'string' && isCipherText(value)).map(([key]) => key)
}

/** Programs read raw and env: they would take a cipher text for the value. */
function minding(keys: readonly string[], output: Output): void {
  if (keys.length === 0) return
  const what = keys.length === 1 ? 'A value is a cipher text' : `${keys.length} values are cipher texts`
  const text = `${what} that cannot be decrypted here: ${someOf(keys)}. Their key is --key-file FILE, or CARILLON_ENCRYPT_KEY.`
  if (output === 'raw' || output === 'env') throw new CommandError('undecipherable', text)
  say(text)
}

/** What was asked for. */
interface Selection {
  readonly config: Config<unknown>
  readonly key: string | undefined
  readonly flat: ReadonlyMap<string, Json>
  /** A KEY with one value, and nothing below it. */
  readonly isOne: boolean
}

function selected(config: Config<unknown>, key: string | undefined): Selection {
  if (key === undefined) return { config, key, flat: config.flat(), isOne: false }
  requireKeys(config, [key])
  const flat = pickFlat(config.flat(), [key])
  const [only = ''] = flat.keys()
  return { config, key, flat, isOne: flat.size === 1 && uniformKey(only) === uniformKey(key) }
}

function textFor(output: Output, selection: Selection, shown: 'masked' | 'revealed'): Masked<string> {
  const { config, key, flat } = selection
  const show = (values: Iterable<readonly [string, Json]>) => (shown === 'masked' ? maskAll(values) : { value: new Map(values), count: 0 })
  switch (output) {
    case 'table':
      return written(show(flat), (values) => tableText(tableOf(values, config)))
    case 'json':
      return written(shownTree(selection, shown), (tree) => `${JSON.stringify(tree, null, 2)}\n`)
    case 'yaml':
      return written(shownTree(selection, shown), yamlText)
    case 'properties':
      return written(show(flat), (values) => propertiesText(pairsOf(values)))
    case 'env':
      return written(show(Object.entries(config.toEnv(key === undefined ? {} : { pick: [key] }))), (values) => shellText(pairsOf(values)))
    case 'raw':
      return { value: rawText(selection), count: 0 }
    default:
      return output satisfies never
  }
}

function written<T>({ value, count }: Masked<T>, write: (value: T) => string): Masked<string> {
  return { value: write(value), count }
}

function shownTree({ config, key }: Selection, shown: 'masked' | 'revealed'): Masked<Json> {
  const tree = sortedTree((key === undefined ? config.values : config.get(key as never)) as Json)
  return shown === 'masked' ? maskValue(key ?? '', tree) : { value: tree, count: 0 }
}

function tableOf(values: ReadonlyMap<string, Json>, config: Config<unknown>): Table {
  return { headings: ['KEY', 'VALUE', 'FROM'], rows: pairsOf(values).map(([key, text]) => [key, text, placeOf(config, key)]) }
}

function tableText(table: Table): string {
  return process.stdout.isTTY ? columnsText(table) : tsvText(table)
}

/** `orders-prod.yml:4`; Spring names a file as `…/orders.properties' via location '' (document #0)`, too. */
function placeOf(config: Config<unknown>, key: string): string {
  const origin = config.explain(key)?.origin
  if (origin === undefined) return ''
  const path = origin.source.replace(/\]?' via location .*$/s, '').replace(/ \(document #\d+\)$/, '')
  const file = path.slice(path.lastIndexOf('/') + 1)
  return origin.line === undefined ? file : `${file}:${origin.line}`
}

/** A line, or lines, whose last break is the value's own where it has one. */
function rawText({ key, flat, isOne }: Selection): string {
  if (!isOne) throw new CommandError('usage', `-o raw writes one value, and there are ${flat.size} below '${key}'.`)
  const [value = ''] = flat.values()
  const text = textOf(value)
  return text.endsWith('\n') ? text : `${text}\n`
}
