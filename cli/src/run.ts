import type { LoadOptions } from '@carillon/client'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { type ClientKeyArguments, clientKeyFlags, decryptionOf } from './client-key.js'
import { type ConnectionArguments, connectionEpilogue, connectionFlags, connectionOf } from './connection.js'
import { CommandError } from './failure.js'
import { usageOf } from './help.js'
import { listFlag, numberFlag, switchFlag, textFlag } from './option.js'
import { busLink } from './running/bus.js'
import type { Program } from './running/child.js'
import { runSession } from './running/session.js'
import { signalNamed } from './running/signals.js'
import type { OnChange } from './running/supervisor.js'
import { talkOf } from './talk.js'
import type { Target } from './target.js'

const flags = {
  application: listFlag({
    alias: 'a',
    says: 'Application, or several, the last one the strongest',
    default: 'application',
    env: 'CARILLON_NAME',
  }),
  profile: listFlag({ alias: 'p', says: 'Profile, or several', default: 'default', env: 'CARILLON_PROFILES' }),
  label: listFlag({ alias: 'l', says: "Branch, tag or commit [default: the server's]", env: 'CARILLON_LABEL' }),
  'on-change': textFlag('on-change', {
    says: 'What becomes of the program when its variables change',
    default: 'restart',
    choices: ['restart', 'signal', 'none'],
  }),
  signal: textFlag('signal', { says: 'The signal of --on-change signal', default: 'SIGHUP' }),
  grace: numberFlag('grace', { says: 'Seconds from SIGTERM to SIGKILL when it is stopped for a restart', default: '10' }),
  only: listFlag({ says: 'Only these keys and what is below them' }),
  prefix: textFlag('prefix', { says: 'What the names of the variables begin with, such as APP_' }),
  override: switchFlag({ says: 'Let the configuration win where this environment has a variable, too' }),
  pristine: switchFlag({ says: 'Hand nothing of this environment on but what a program needs to run (PATH, HOME, …)' }),
  offline: switchFlag({ says: 'Ask no server: take the encrypted snapshot of an earlier run [env: CARILLON_SNAPSHOT_KEY]' }),
  'snapshot-folder': textFlag('snapshot-folder', {
    says: 'Where snapshots are',
    default: '.carillon/snapshots',
    env: 'CARILLON_SNAPSHOT_FOLDER',
  }),
  bus: textFlag('bus', { says: 'Where changes are told: amqp://… or kafka://…', env: 'CARILLON_BUS_URL' }),
  poll: numberFlag('poll', { says: 'Seconds between two looks at the server; 0: never', default: '60' }),
  splay: numberFlag('splay', {
    says: 'Up to how many seconds to wait after an event, so that not all instances restart at once',
    default: '0',
  }),
  command: textFlag('command', { says: 'A line for the shell, instead of a program after --' }),
} as const

interface RunArguments extends ConnectionArguments, ClientKeyArguments {
  /** Before `--`: there should be none. */
  readonly words: readonly string[] | undefined
  readonly application: readonly string[] | undefined
  readonly profile: readonly string[] | undefined
  readonly label: readonly string[] | undefined
  readonly 'on-change': string | undefined
  readonly signal: string | undefined
  readonly grace: number | undefined
  readonly only: readonly string[] | undefined
  readonly prefix: string | undefined
  readonly override: boolean | undefined
  readonly pristine: boolean | undefined
  readonly offline: boolean | undefined
  readonly 'snapshot-folder': string | undefined
  readonly bus: string | undefined
  readonly poll: number | undefined
  readonly splay: number | undefined
  readonly command: string | undefined
}

const runWords = 'Run a program in any language with configuration in its environment variables'

/** `carillon run [flags] -- PROGRAM [ARGUMENT…]`; `after` is what stands behind `--`, as it is. */
export function runCommand(after: readonly string[]): CommandModule<object, RunArguments> {
  return {
    command: 'run [words..]',
    describe: runWords,
    builder: (command: Argv): Argv<RunArguments> =>
      command
        .usage(usageOf('run [flags] -- PROGRAM [ARGUMENT…]', runWords))
        .positional('words', { type: 'string', array: true })
        .hide('words')
        .options({ ...flags, ...connectionFlags, ...clientKeyFlags })
        .example('$0 run --application orders --profile prod -- python3 app.py', 'restarted when a value changes')
        .example('$0 run -a orders --only db --on-change none -- psql', 'the variables below db, once')
        .example('$0 run -a orders --on-change signal --signal SIGHUP -- nginx', 'told of changes by a signal')
        .epilogue(`The exit code is the program's, 128 + n after signal n; 126 and 127 as shells have them. ${connectionEpilogue}`),
    handler: (args) => run(args, after),
  }
}

async function run(args: ArgumentsCamelCase<RunArguments>, after: readonly string[]): Promise<void> {
  const program = programOf(args, after)
  const onChange = args.offline ? ({ kind: 'none' } as const) : onChangeOf(args)
  const talk = talkOf()
  process.exitCode = await runSession({
    talk,
    program,
    onChange,
    target: targetOf(args),
    source: args.offline ? 'snapshot' : 'servers',
    graceMs: (args.grace ?? 10) * 1000,
    merging: { wins: args.override ? 'configuration' : 'own', inherit: args.pristine ? 'basics' : 'all' },
    variables: { ...(args.prefix === undefined ? {} : { prefix: args.prefix }), ...(args.only === undefined ? {} : { pick: args.only }) },
    options: { ...(await connectionOf(args, process.env, talk)), ...decryptionOf(args, 'refuse'), ...(await sourceOf(args, onChange)) },
  })
}

function programOf({ command, words = [] }: RunArguments, [file, ...args]: readonly string[]): Program {
  if (words.length > 0)
    throw new CommandError(
      'usage',
      `'${words[0]}' stands before --, and the program after it: carillon run … -- ${[...words, file].join(' ').trim()}`,
    )
  if (command !== undefined && file !== undefined) {
    throw new CommandError('usage', 'There is a program after -- and one in --command: expected one of them.')
  }
  if (command !== undefined) return { kind: 'line', line: command }
  if (file === undefined) throw new CommandError('usage', 'Which program? For example: carillon run --application orders -- node app.js')
  return { kind: 'file', file, args }
}

function targetOf({ application, profile, label }: RunArguments): Target {
  const { CARILLON_NAME, CARILLON_PROFILES, CARILLON_LABEL } = process.env
  const profiles = profile?.join(',') ?? CARILLON_PROFILES
  const labels = label?.join(',') ?? CARILLON_LABEL
  return {
    name: application?.join(',') ?? CARILLON_NAME ?? 'application',
    ...(profiles === undefined ? {} : { profiles }),
    ...(labels === undefined ? {} : { label: labels }),
  }
}

function onChangeOf(args: RunArguments): OnChange {
  const kind = args['on-change'] ?? 'restart'
  if (kind !== 'signal' && args.signal !== undefined)
    throw new CommandError('usage', `--signal is for --on-change signal, and that is '${kind}'.`)
  if (kind === 'signal') return { kind, signal: signalNamed(args.signal ?? 'SIGHUP') }
  return { kind: kind === 'none' ? 'none' : 'restart' }
}

/** Where the values come from, now and later. A program waits for its configuration as long as a start may take: its server may start beside it. */
async function sourceOf(args: RunArguments, onChange: OnChange): Promise<LoadOptions> {
  const key = process.env.CARILLON_SNAPSHOT_KEY
  const folder = args['snapshot-folder']
  if (args.offline && key === undefined) {
    throw new CommandError('usage', '--offline needs the key of the snapshot in CARILLON_SNAPSHOT_KEY; openssl rand -hex 32 makes one.')
  }
  return {
    local: { env: args.pristine ? false : process.env, argv: false, wins: !args.override },
    snapshot: key === undefined ? false : { encryptKey: key, ...(folder === undefined ? {} : { folder }) },
    ...(args.offline ? { uri: { resolve: async () => [] }, retry: false as const } : { retry: {} }),
    refresh: onChange.kind === 'none' ? false : await refreshOf(args),
  }
}

async function refreshOf({ bus = process.env.CARILLON_BUS_URL, poll, splay }: RunArguments): Promise<NonNullable<LoadOptions['refresh']>> {
  return {
    ...(bus === undefined ? {} : { bus: await busLink(bus) }),
    ...(poll === undefined ? {} : { pollMs: poll * 1000 }),
    ...(splay === undefined ? {} : { splayMs: splay * 1000 }),
  }
}
