import type { ConfigErrorCode } from '@carillon/client'

/** What a command ends with. Like `diff`: from 2 on there was no answer. */
export const exitCodes = { yes: 0, no: 1, usage: 2, unreachable: 3, unauthorized: 4, failed: 5 } as const

/** Why a command of this package ends without what was asked for. */
export type CommandErrorCode = 'usage' | 'absent' | 'unwritable' | 'no-snapshot'

/** Our own reasons, each with its exit code. */
export const commandExitCodes: Readonly<Record<CommandErrorCode, number>> = {
  usage: exitCodes.usage,
  absent: exitCodes.no,
  unwritable: exitCodes.no,
  'no-snapshot': exitCodes.unreachable,
}

/** The client's reasons, each with its exit code. */
export const clientExitCodes: Readonly<Record<ConfigErrorCode, number>> = {
  'bad-options': exitCodes.usage,
  'missing-package': exitCodes.usage,
  unreachable: exitCodes.unreachable,
  timeout: exitCodes.unreachable,
  unauthorized: exitCodes.unauthorized,
  'not-found': exitCodes.no,
  'no-such-key': exitCodes.no,
  invalid: exitCodes.no,
  'bad-response': exitCodes.failed,
  placeholder: exitCodes.failed,
  'bad-snapshot': exitCodes.failed,
  closed: exitCodes.failed,
}
