import type { ConfigError, ConfigErrorCode } from '@carillon/client'
import { EnvironmentError } from '@carillon/environment'
import type { ServerError, ServerErrorCode } from '@carillon/server'
import { type CommandErrorCode, cipherExitCodes, clientExitCodes, commandExitCodes, exitCodes } from './exit-codes.js'

/** A command ends without what was asked for. Its message says what was got, what was expected, and holds no configuration value. */
export class CommandError extends Error {
  readonly code: CommandErrorCode

  constructor(code: CommandErrorCode, message: string) {
    super(message)
    this.name = 'CommandError'
    this.code = code
  }
}

const serverExitCodes: Partial<Readonly<Record<ServerErrorCode, number>>> = {
  'invalid-settings': exitCodes.usage,
  'repository-refused': exitCodes.unreachable,
}

/** Says on stderr what went wrong, in words for the user; the exit code to end with. */
export function failed(error: unknown): number {
  if (error instanceof CommandError) {
    say(error.message)
    return commandExitCodes[error.code]
  }
  if (isServerError(error)) {
    say(withPlace(error))
    return serverExitCodes[error.code] ?? exitCodes.failed
  }
  if (isConfigError(error)) {
    say(withHint(error))
    return clientExitCodes[error.code]
  }
  if (error instanceof EnvironmentError) {
    say(error.message)
    return cipherExitCodes[error.code]
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return exitCodes.failed
}

/** What to do about it here: the client's own hints are for programmers. */
const hints: Partial<Readonly<Record<ConfigErrorCode, string>>> = {
  unauthorized: 'Set CARILLON_USERNAME and CARILLON_PASSWORD, or CARILLON_TOKEN.',
  unreachable: 'Does it run? --server or CARILLON_URI name another one.',
  'not-found': 'Check the names; carillon get application shows what is there for all.',
  undecipherable: 'The server leaves {cipher} values to its clients: --key-file FILE, or CARILLON_ENCRYPT_KEY, is their key.',
  'bad-options': '--only takes fewer keys.',
}

function withHint({ code, message, hint }: ConfigError): string {
  if (hint === undefined) return code === 'unreachable' ? `${message}\n  ${hints[code]}` : message
  return message.replace(hint, () => hints[code] ?? hint)
}

/** By its name, as the next: no command loads both the client and the server. */
export function isConfigError(error: unknown): error is ConfigError {
  return error instanceof Error && error.name === 'ConfigError'
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && error.name === 'ServerError'
}

function withPlace({ message, place: { file, line, column } }: ServerError): string {
  if (file === undefined || message.includes(file)) return message
  return `${message}\n  ${[file, line, column].filter((part) => part !== undefined).join(':')}`
}

function say(text: string): void {
  process.stderr.write(`✗ ${text}\n`)
}
