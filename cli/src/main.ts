import yargs from 'yargs'
import { CommandError, failed } from './failure.js'
import { serveCommand } from './serve.js'

/** Runs the command line; sets the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  const parser = yargs([...argv])
    .scriptName('carillon')
    .usage('$0 <command>\n\nConfiguration from Git, live: serves it over HTTP as Spring Cloud Config Server does.')
    .command(serveCommand)
    .demandCommand(1, 'Which command? For example: carillon serve ./config-repo')
    .strict()
    .version()
    .alias('help', 'h')
    .alias('version', 'v')
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .fail((message, error) => {
      throw error ?? new CommandError('usage', `${message}\n\nSee carillon --help.`)
    })
    .exitProcess(false)
  try {
    await parser.parseAsync()
  } catch (error) {
    process.exitCode = failed(error)
  }
}
