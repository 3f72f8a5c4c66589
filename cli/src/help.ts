import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { exitCodeMeanings } from './exit-codes.js'
import { CommandError } from './failure.js'
import { print } from './output.js'

/** Commands that belong together, each as it is typed. */
export interface CommandGroup {
  readonly title: string
  readonly commands: readonly (readonly [usage: string, command: Pick<CommandModule, 'describe'>])[]
}

interface HelpArguments {
  readonly topic: string | undefined
}

const environment: readonly (readonly [variable: string, meaning: string])[] = [
  ['CARILLON_URI', 'addresses of servers, with commas; may hold user:password@'],
  ['CARILLON_USERNAME, CARILLON_PASSWORD', 'Basic credentials for them'],
  ['CARILLON_TOKEN', 'bearer token for them'],
  ['CARILLON_NAME, CARILLON_PROFILES, CARILLON_LABEL', 'what run runs with, where no flag says it'],
  ['CARILLON_CA_CERT, CARILLON_CERT, CARILLON_CERT_KEY', 'PEM files for TLS'],
  ['CARILLON_BUS_URL', 'the bus, for serve, run and watch'],
  ['CARILLON_SNAPSHOT_KEY', 'encrypts what run keeps for --offline: 32 bytes in hex or base64, or a passphrase'],
  ['CARILLON_SNAPSHOT_FOLDER', 'where it is kept'],
  ['CARILLON_ENCRYPT_KEY, ENCRYPT_KEY', 'the key for cipher texts: a password or an RSA key in PEM'],
  ['CARILLON_ENCRYPT_KEY_FILE', 'a file with it, for get, watch, run and export; as ENCRYPT_KEYSTORE_*, ENCRYPT_RSA_* of Spring'],
  ['CARILLON_KEY_STORE_PASSWORD, CARILLON_KEY_STORE_SECRET', 'of their key store, and of its keys; as ENCRYPT_KEYSTORE_PASSWORD, …_SECRET'],
  ['CARILLON_OLD_ENCRYPT_KEY, CARILLON_OLD_KEY_STORE_PASSWORD', 'the key that rotate replaces'],
  ['CARILLON_DATA_FOLDER, CARILLON_LOG_LEVEL', 'for serve, as every setting: see docs/reference/settings.md'],
  ['NO_COLOR', 'no colours'],
]

const topics: ReadonlyMap<string, string> = new Map([
  ['exit-codes', `Exit codes of every command; those of run are its program's.\n\n${listText(exitCodeMeanings)}`],
  ['environment', `Variables that count where no flag says otherwise.\n\n${listText(environment)}`],
])

/** `carillon help [TOPIC]`; `showHelp` prints the help page of a command, or of all. */
export function helpCommand(
  commands: readonly string[],
  showHelp: (command: string | undefined) => Promise<void>,
): CommandModule<object, HelpArguments> {
  return {
    command: 'help [topic]',
    describe: `Explain a command or a topic: ${[...topics.keys()].join(', ')}`,
    builder: (command: Argv): Argv<HelpArguments> =>
      command
        .positional('topic', { type: 'string', describe: 'A command, or one of the topics' })
        .example('$0 help', 'all commands')
        .example('$0 help run', 'one of them')
        .example('$0 help exit-codes', 'a topic'),
    handler: async ({ topic }: ArgumentsCamelCase<HelpArguments>) => {
      const text = topics.get(topic ?? '')
      if (text !== undefined) return print(text)
      if (topic === undefined || commands.includes(topic)) return showHelp(topic)
      throw new CommandError('usage', `There is no help on '${topic}', only on ${[...commands, ...topics.keys()].join(', ')}.`)
    },
  }
}

/** The page of `carillon --help`. */
export function overview(groups: readonly CommandGroup[]): string {
  const rows = (commands: CommandGroup['commands']) =>
    listText(
      commands.map(([usage, { describe }]) => [usage, String(describe)]),
      widest(groups),
    )
  const lists = groups.map(({ title, commands }) => `${title}\n${rows(commands)}`)
  return `Configuration from Git, live: serves it as Spring Cloud Config Server does, and hands it to programs.

${lists.join('\n')}
carillon COMMAND --help explains a command; carillon help exit-codes and carillon help environment what all have in common.
-v, --version prints the version.
`
}

/** The first lines of a command's page. */
export function usageOf(usage: string, words: string): string {
  return `carillon ${usage}\n\n${words}.`
}

function widest(groups: readonly CommandGroup[]): number {
  return Math.max(...groups.flatMap(({ commands }) => commands.map(([usage]) => usage.length)))
}

function listText(rows: readonly (readonly [string, string])[], width = Math.max(...rows.map(([name]) => name.length))): string {
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('')
}
