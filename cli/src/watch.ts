import { fstatSync } from 'node:fs'
import type { Change, Config, Json, Version } from '@carillon/client'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { type AskingArguments, askingFlags } from './asking.js'
import { decryptionOf } from './client-key.js'
import { connectionEpilogue, connectionOf } from './connection.js'
import { usageOf } from './help.js'
import { maskValue } from './masks.js'
import { numberFlag, switchFlag, textFlag } from './option.js'
import { isBrokenPipe, print } from './output.js'
import { busLink } from './running/bus.js'
import { talkOf } from './talk.js'
import { parseTarget, type Target, targetText } from './target.js'

interface WatchArguments extends AskingArguments {
  readonly bus: string | undefined
  readonly poll: number | undefined
  readonly reveal: boolean | undefined
}

const flags = {
  bus: textFlag('bus', { says: 'Where changes are told: amqp://… or kafka://…', env: 'CARILLON_BUS_URL' }),
  poll: numberFlag('poll', { says: 'Seconds between two looks at the server', default: '5' }),
  reveal: switchFlag({ says: 'Show what looks like a secret' }),
} as const

const watchWords = 'Write a line of JSON for each change of configuration, until it is ended'

/** `carillon watch APP[/PROFILE][@LABEL]` */
export const watchCommand: CommandModule<object, WatchArguments> = {
  command: 'watch [target]',
  describe: watchWords,
  builder: (command: Argv): Argv<WatchArguments> =>
    askingFlags(command)
      .usage(usageOf('watch APP[/PROFILE][@LABEL]', watchWords))
      .options(flags)
      .example('$0 watch orders/prod', 'the version now, then each change')
      .example('$0 watch orders/prod --bus amqp://localhost', 'at once, where a bus tells')
      .example("$0 watch orders | jq -r '.changes // {} | keys[]'", 'the keys that changed')
      .epilogue(`Ends with 130 after Ctrl-C, with 143 after SIGTERM, and with 0 when nobody reads any more. ${connectionEpilogue}`),
  handler: (args) => watch(args),
}

/** How often it is seen whether somebody still reads (ms). */
const BEAT = 2000

async function watch(args: ArgumentsCamelCase<WatchArguments>): Promise<void> {
  const target = parseTarget(args.target)
  const { bus = process.env.CARILLON_BUS_URL, poll = 5, reveal } = args
  const refresh = { pollMs: poll * 1000, ...(bus === undefined ? {} : { bus: await busLink(bus) }) }
  const talk = talkOf()
  const { load } = await import('@carillon/client')
  const config = await load({ ...(await connectionOf(args, process.env, talk)), ...decryptionOf(args, 'keep'), ...target, refresh })
  talk.follow(config)
  try {
    process.exitCode = await follow(config, { target, shown: reveal ? 'revealed' : 'masked' })
  } finally {
    await config.close()
  }
}

interface Following {
  readonly target: Target
  readonly shown: 'masked' | 'revealed'
}

/** Writes until nobody reads any more, or somebody ends it; the exit code. */
async function follow(config: Config<unknown>, { target, shown }: Following): Promise<number> {
  let beat: NodeJS.Timeout | undefined
  try {
    return await new Promise<number>((resolve, reject) => {
      const write = (text: string): void => void print(text).catch((error) => (isBrokenPipe(error) ? resolve(0) : reject(error)))
      process.once('SIGINT', () => resolve(130))
      process.once('SIGTERM', () => resolve(143))
      write(lineOf({ type: 'version', ...headOf(target, config.version), keys: config.flat().size }))
      config.on('change', (change) => write(lineOf({ type: 'change', ...headOf(target, change.to), ...changeOf(change, shown) })))
      // A pipe tells only those who write that its reader has gone, and a space in front of a line of JSON means nothing.
      beat = setInterval(() => (isPipe() ? write(' ') : undefined), BEAT)
    })
  } finally {
    clearInterval(beat)
  }
}

function headOf(target: Target, { commit, digest }: Version): object {
  return { at: new Date().toISOString(), target: targetText(target), commit, digest }
}

function changeOf({ cause, changes }: Change<unknown>, shown: 'masked' | 'revealed'): object {
  const show = (key: string, value: Json | undefined) => (value === undefined || shown === 'revealed' ? value : maskValue(key, value).value)
  const all = [...changes].sort(([one], [other]) => (one < other ? -1 : 1))
  const lines = all.map(([key, { op, was, now }]) => [key, { op, was: show(key, was), now: show(key, now) }] as const)
  return { cause, changes: Object.fromEntries(lines) }
}

function lineOf(fact: object): string {
  return `${JSON.stringify(fact)}\n`
}

function isPipe(): boolean {
  const stdout = fstatSync(1)
  return stdout.isFIFO() || stdout.isSocket()
}
