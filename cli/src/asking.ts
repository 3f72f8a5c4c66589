import type { Config, DecryptOptions } from '@carillon/client'
import type { Argv } from 'yargs'
import { type ClientKeyArguments, clientKeyFlags, decryptionOf } from './client-key.js'
import { type ConnectionArguments, connectionFlags, connectionOf } from './connection.js'
import { parseTarget, type Target } from './target.js'

/** Arguments of the commands that ask once: APP[/PROFILE][@LABEL] and how to reach a server. */
export interface AskingArguments extends ConnectionArguments, ClientKeyArguments {
  readonly target: string | undefined
}

/** What a command asked for, and the answer. */
export interface Asked {
  readonly target: Target
  readonly config: Config<unknown>
}

export function askingFlags<T>(command: Argv<T>) {
  return command
    .positional('target', { type: 'string', describe: 'APP, APP/PROFILE or APP/PROFILE@LABEL; lists have commas' })
    .options({ ...connectionFlags, ...clientKeyFlags })
}

/** Loads what the arguments name, once; this process has no say in the values. `failed`: what becomes of values that cannot be decrypted. Throws ConfigError and 'usage'. */
export async function ask(args: AskingArguments, failed: NonNullable<DecryptOptions['failed']>): Promise<Asked> {
  const target = parseTarget(args.target)
  const { load } = await import('@carillon/client')
  const config = await load({ ...(await connectionOf(args, process.env)), ...decryptionOf(args, failed), ...target })
  await config.close()
  return { target, config }
}
