import type { ReadStream } from 'node:tty'
import { CommandError } from '../failure.js'
import { readGiven } from '../given-file.js'

/** Where a text comes from: a file as it is, or standard input. */
export interface InputChoice {
  readonly file: string | undefined
  /** What a terminal is asked for. */
  readonly asks: string
}

/**
 * The text that a command is about. Of standard input a last line break is dropped, which `echo` puts there; a terminal is asked, and shows nothing.
 * Throws 'usage' for none, and for bytes that are no UTF-8.
 */
export async function readInput({ file, asks }: InputChoice): Promise<string> {
  const text = file !== undefined ? textOf(await readGiven(file), `'${file}'`) : await standardInput(asks)
  if (text === '') throw new CommandError('usage', 'There is no text: expected one on standard input, or --file FILE.')
  return text
}

/** Refuses words behind the command, those behind `--` too, and does not repeat them: others read logs. Throws 'usage'. */
export function refuseWords({ words = [], _: [, ...rest] }: Words): void {
  if (words.length + rest.length === 0) return
  throw new CommandError(
    'usage',
    'A text in the command line can be seen by everybody on this machine, and stays in the history of the shell: expected it on standard input, or --file FILE.',
  )
}

interface Words {
  readonly words: readonly string[] | undefined
  /** The name of the command, and what stands behind `--`. */
  readonly _: readonly (string | number)[]
}

async function standardInput(asks: string): Promise<string> {
  if (process.stdin.isTTY) return ask(process.stdin, asks)
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return textOf(Buffer.concat(chunks), 'Standard input').replace(/\r?\n$/, '')
}

function textOf(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CommandError('usage', `${what} is no UTF-8 text, and only texts can be values.`)
  }
}

/** One line from a terminal that does not show it. */
async function ask(terminal: ReadStream, asks: string): Promise<string> {
  // Before the words: whoever answers them at once must not be shown.
  terminal.setRawMode(true).setEncoding('utf8')
  process.stderr.write(`${asks} (not shown): `)
  try {
    return await lineOf(terminal)
  } finally {
    terminal.setRawMode(false).pause()
    process.stderr.write('\n')
  }
}

async function lineOf(terminal: ReadStream): Promise<string> {
  const typed: string[] = []
  for await (const chunk of terminal) {
    const keys = [...String(chunk)]
    const end = keys.findIndex((key) => ENDS.includes(key))
    type(typed, end < 0 ? keys : keys.slice(0, end))
    if (end < 0) continue
    if (keys[end] === INTERRUPT) endBySignal(terminal)
    if (end < keys.length - 1) throw new CommandError('usage', 'There is more than one line: expected a pipe or --file FILE for that.')
    break
  }
  return typed.join('')
}

function type(typed: string[], keys: readonly string[]): void {
  for (const key of keys) {
    if (BACKSPACES.includes(key)) typed.pop()
    else typed.push(key)
  }
}

const INTERRUPT = '\x03'
/** Enter, Ctrl-D and Ctrl-C. */
const ENDS = ['\r', '\n', '\x04', INTERRUPT]
const BACKSPACES = ['\x7f', '\b']

/** Ctrl-C means what it means everywhere; a terminal in raw mode only does not say so. */
function endBySignal(terminal: ReadStream): never {
  terminal.setRawMode(false)
  process.stderr.write('\n')
  process.exit(130)
}
