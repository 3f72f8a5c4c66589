import yargs, { type Argv } from 'yargs'
import { decryptCommand } from './decrypt.js'
import { encryptCommand } from './encrypt.js'
import { exportCommand } from './export.js'
import { CommandError, failed } from './failure.js'
import { getCommand } from './get.js'
import { type CommandGroup, helpCommand, overview } from './help.js'
import { keygenCommand } from './keygen.js'
import { ignoreLateWrites, isBrokenPipe, print } from './output.js'
import { rotateCommand } from './rotate.js'
import { runCommand } from './run.js'
import { serveCommand } from './serve.js'
import { watchCommand } from './watch.js'

/** Runs the command line; sets the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreLateWrites()
  try {
    await perform(argv)
  } catch (error) {
    // Whoever reads may have enough before there is nothing more to write.
    if (!isBrokenPipe(error)) process.exitCode = failed(error)
  }
}

const commands = ['serve', 'get', 'watch', 'run', 'export', 'encrypt', 'decrypt', 'keygen', 'rotate']

async function perform(argv: readonly string[]): Promise<void> {
  const { own, after } = atDashes(argv)
  const run = runCommand(after)
  const help = helpCommand(commands, (command) => perform(command === undefined ? ['--help'] : [command, '--help']))
  const groups: readonly CommandGroup[] = [
    { title: 'Serve', commands: [['serve [REPO]', serveCommand]] },
    {
      title: 'Look',
      commands: [
        ['get APP[/PROFILE][@LABEL] [KEY]', getCommand],
        ['watch APP[/PROFILE][@LABEL]', watchCommand],
      ],
    },
    {
      title: 'Hand over',
      commands: [
        ['run [flags] -- PROGRAM [ARGUMENT…]', run],
        ['export APP[/PROFILE][@LABEL] --format FORMAT', exportCommand],
      ],
    },
    {
      title: 'Keep secret',
      commands: [
        ['encrypt [--file FILE | --in FILE --property KEY]', encryptCommand],
        ['decrypt [--file FILE | --in FILE --property KEY]', decryptCommand],
        ['keygen --out FILE', keygenCommand],
        ['rotate [FOLDER]', rotateCommand],
      ],
    },
    { title: 'Learn', commands: [['help [TOPIC]', help]] },
  ]
  if (own.length === 1 && ['help', '--help', '-h'].includes(own[0] ?? '')) return print(overview(groups))
  const parser = common(yargs([...own]), `carillon ${commands.includes(own[0] ?? '') ? `${own[0]} ` : ''}--help`)
    .command(serveCommand)
    .command(getCommand)
    .command(watchCommand)
    .command(run)
    .command(exportCommand)
    .command(encryptCommand)
    .command(decryptCommand)
    .command(keygenCommand)
    .command(rotateCommand)
    .command(help)
  await parser.parseAsync()
}

function common(parser: Argv, help: string): Argv {
  return parser
    .scriptName('carillon')
    .demandCommand(1, 'Which command? For example: carillon serve ./config-repo')
    .strict()
    .version()
    .alias('help', 'h')
    .alias('version', 'v')
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .fail((message, error) => {
      // What a flag refuses comes wrapped in an error of the parser's own.
      throw error === undefined || error.name === 'YError'
        ? new CommandError('usage', `${message ?? error?.message}\n\nSee ${help}.`)
        : error
    })
    .exitProcess(false)
}

/** What stands behind `--` belongs to another program: it is not to be looked at, or a `007` would become a 7. */
function atDashes(argv: readonly string[]): { readonly own: readonly string[]; readonly after: readonly string[] } {
  const dashes = argv.indexOf('--')
  if (dashes < 0 || argv[0] !== 'run') return { own: argv, after: [] }
  return { own: argv.slice(0, dashes), after: argv.slice(dashes + 1) }
}
