import type { Argv, CommandModule } from 'yargs'
import type { ServeArguments } from './serving.js'

/** `carillon serve [REPO]` */
export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve [repo]',
  describe: 'Serve configuration from a Git repository or a folder',
  builder: (command: Argv): Argv<ServeArguments> =>
    command
      .positional('repo', { type: 'string', describe: 'Folder in or with a Git repository, bare repository, http(s) URL, or plain folder' })
      .option('config', { alias: 'c', type: 'string', requiresArg: true, describe: "Settings file (YAML or properties, Spring's keys)" })
      .option('port', {
        alias: 'p',
        type: 'number',
        requiresArg: true,
        describe: 'Port; 0 for any free one [default: 8888] [env: SERVER_PORT]',
      })
      .option('address', {
        type: 'string',
        requiresArg: true,
        describe: 'Address; without credentials loopback by default [env: SERVER_ADDRESS]',
      })
      .option('data-folder', { type: 'string', requiresArg: true, describe: 'Where clones live [env: CARILLON_DATA_FOLDER]' })
      .option('log-level', {
        type: 'string',
        requiresArg: true,
        describe: 'trace, debug, info, warn, error, silent [env: CARILLON_LOG_LEVEL]',
      })
      .option('bus', {
        type: 'string',
        requiresArg: true,
        describe: 'Where instances are told of changes: amqp://…, kafka://…, memory:NAME [env: CARILLON_BUS_URL]',
      })
      .option('strict-compat', {
        type: 'boolean',
        describe: 'A commit that cannot be read is an error, as in Spring; else an earlier one is served [env: CARILLON_STRICT_COMPAT]',
      })
      .option('set', { alias: 's', type: 'string', array: true, requiresArg: true, describe: 'Any setting, as KEY=VALUE' })
      .option('print-settings', { type: 'boolean', describe: 'Print every setting with its source, and end' })
      .option('demo', { type: 'string', requiresArg: true, describe: 'Make a Git repository of FOLDER in the data folder, and serve it' })
      .conflicts('demo', 'repo')
      .example('$0 serve ./config-repo', 'the commits of a local repository')
      .example('$0 serve https://git.example.org/config.git --port 0', 'a remote repository, on any free port')
      .example('$0 serve --config application.yml', "with Spring Cloud Config Server's own settings file"),
  // Other commands do not wait for the server's modules, nor keep them in memory.
  handler: async (args) => (await import('./serving.js')).serve(args),
}
