import type { ConfigErrorCode } from '@carillon/client'
import type { EnvironmentErrorCode } from '@carillon/environment'

/** What a command ends with. Like `diff`: from 2 on there was no answer. */
export const exitCodes = { yes: 0, no: 1, usage: 2, unreachable: 3, unauthorized: 4, failed: 5 } as const

/** Why a command of this package ends without what was asked for. */
export type CommandErrorCode =
  | 'usage'
  | 'absent'
  | 'unwritable'
  | 'no-snapshot'
  | 'undecipherable'
  | 'refused'
  | 'unreachable'
  | 'unauthorized'
  | 'bad-answer'

/** Our own reasons, each with its exit code. */
export const commandExitCodes: Readonly<Record<CommandErrorCode, number>> = {
  usage: exitCodes.usage,
  absent: exitCodes.no,
  unwritable: exitCodes.no,
  'no-snapshot': exitCodes.unreachable,
  undecipherable: exitCodes.no,
  refused: exitCodes.no,
  unreachable: exitCodes.unreachable,
  unauthorized: exitCodes.unauthorized,
  'bad-answer': exitCodes.failed,
}

/** The reasons of ciphers and keys, each with its exit code. */
export const cipherExitCodes: Readonly<Record<EnvironmentErrorCode, number>> = {
  undecipherable: exitCodes.no,
  'no-such-key': exitCodes.no,
  'no-private-key': exitCodes.usage,
  'invalid-selector': exitCodes.usage,
  'unusable-key': exitCodes.usage,
  'circular-placeholder': exitCodes.failed,
  'too-large': exitCodes.failed,
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
  undecipherable: exitCodes.no,
  'bad-response': exitCodes.failed,
  placeholder: exitCodes.failed,
  'bad-snapshot': exitCodes.failed,
  closed: exitCodes.failed,
}

/** The same for people. */
export const exitCodeMeanings: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'yes: done, found'],
  ['1', 'no: there is no such application, label or key, the format cannot hold a value, a text is not encrypted with this key'],
  ['2', 'the command line, the settings, the environment or a key cannot be used; the message says why'],
  ['3', 'no server answered in time, or a repository cannot be reached'],
  ['4', 'the server wants other credentials (401, 403)'],
  ['5', 'the server failed, or something else did'],
  ['130', 'Ctrl-C (SIGINT)'],
  ['143', 'SIGTERM'],
]
