import { momentary } from '../momentary.js'
import { refused } from '../remote.js'

const LONGEST = 400

/** Lines that explain nothing, or only what the line before says. */
const NOISE =
  /^(warning:|hint:|Please make sure you have|and the repository exists|Warning: Permanently added|remote: (Enumerating|Counting|Compressing|Total))/

/** What a `git` that failed said of it, in one line; what people can do about it where that is known: it says no, and not that the host is away. */
export function failureOf(text: string): Error {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !NOISE.test(line) && !/\d+% \(\d+\/\d+\)/.test(line))
  const said = lines.slice(-4).join('; ').slice(-LONGEST) || 'no reason given'
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1]
  return hint === undefined ? new Error(`git says: ${said}`) : refused(`${hint} (git says: ${said})`)
}

/** Signals that others send; those of a program's own faults may come of what it read. */
const SENT: ReadonlySet<string | null> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])

const SHORTAGE = /Too many open files|Cannot allocate memory|Resource temporarily unavailable/

/** Why a `git` ended before it had answered: of what it was to read something follows only where it says something of that. */
export function endOf(words: string, signal: NodeJS.Signals | null): Error {
  if (SENT.has(signal)) return cannotRun(`it was ended by ${signal}`)
  if (signal === null && words.trim() === '') return cannotRun('it ended without a word')
  const failure = failureOf(words)
  return SHORTAGE.test(words) ? cannotRun(failure.message, failure) : failure
}

/** The error of a `git` that could not do its work at the moment, whatever that was. */
export function cannotRun(why: string, cause?: unknown): Error {
  return momentary(`git cannot run at this moment: ${why}`, cause)
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Authentication failed|could not read (Username|Password)|returned error: 40[13]/, 'check the username and password'],
  [/returned error: 404|repository '.*' not found/, 'there is no such repository, or it is hidden from this user'],
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/,
    "the host's key is not known or not the right one: give it by host-key or known-hosts-file",
  ],
  [/Permission denied \(/, 'the host takes none of the keys and passwords: check private-key, passphrase and the user'],
  [/ssh: (command )?not found|cannot run ssh/, 'there is no ssh in PATH: install openssh-client'],
]

/** Why nothing can be done without a `git`. */
export function absent(): Error {
  return refused(`there is no git in PATH: install git ${OLDEST.join('.')} or newer`)
}

/** The first version with all that is used: GIT_CONFIG_COUNT (2.31), GIT_CONFIG_GLOBAL (2.32). */
export const OLDEST = [2, 32] as const
