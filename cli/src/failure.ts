import { ServerError } from '@carillon/server'

/** The command line says something that it cannot mean. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Exit codes of all commands; more in `docs/reference/command-line.md`. */
const exitCodes = { yes: 0, no: 1, usage: 2, unreachable: 3, failed: 5 } as const

/** Says on stderr what went wrong, in words for the user; the exit code to end with. */
export function failed(error: unknown): number {
  if (error instanceof UsageError) {
    say(`${error.message}\n\nSee carillon --help.`)
    return exitCodes.usage
  }
  if (error instanceof ServerError) {
    say(withPlace(error))
    return error.code === 'invalid-settings'
      ? exitCodes.usage
      : error.code === 'no-such-repository'
        ? exitCodes.unreachable
        : exitCodes.failed
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return exitCodes.failed
}

function withPlace({ message, place: { file, line, column } }: ServerError): string {
  if (file === undefined || message.includes(file)) return message
  return `${message}\n  ${[file, line, column].filter((part) => part !== undefined).join(':')}`
}

function say(text: string): void {
  process.stderr.write(`✗ ${text}\n`)
}
