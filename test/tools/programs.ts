import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '../server/trees/repositories.js'

/** What to run and where. It gets PATH and HOME of this process, and `env`: the settings of whoever runs the tests stay outside. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

export interface EndedProgram {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string
  readonly out: string
  readonly err: string
}

/** A program in a process of its own. */
export interface Program {
  /** All that it wrote, in the order in which it came. */
  readonly said: () => string
  /** Resolves once what it wrote fits; throws what it wrote where it ends before. */
  readonly says: (pattern: RegExp, within?: number) => Promise<RegExpExecArray>
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<EndedProgram>
  /** Sends SIGTERM and waits; one that has ended is left alone. */
  readonly end: () => Promise<EndedProgram>
}

/** Starts a program. It does not outlive this process. */
export function startProgram({ command, args, cwd, env = {} }: Command): Program {
  const { PATH, HOME } = process.env
  const child = spawn(command, args, { cwd, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { all: '', out: '', err: '' }
  for (const name of ['out', 'err'] as const)
    child[`std${name}`].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      said.all += text
    })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'close').then(([code, signal]) => {
    process.off('exit', kill)
    return { code: code ?? signal, out: said.out, err: said.err } as EndedProgram
  })
  return {
    said: () => said.all,
    says: async (pattern, within) => {
      const look = () => pattern.exec(said.all) ?? (hasEnded(child) ? new Error(`it ended, and wrote:\n${said.all}`) : said.all)
      const found = await eventually(look, (answer) => typeof answer !== 'string', within)
      if (found instanceof Error) throw found
      return found as RegExpExecArray
    },
    ended,
    end: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** Runs a program to its end. */
export function runProgram(command: Command): Promise<EndedProgram> {
  return startProgram(command).ended
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
