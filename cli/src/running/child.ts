import { type ChildProcess, spawn } from 'node:child_process'
import { groupGone, signalGroup } from './group.js'
import type { ChildEnd, ChildEnvironment } from './supervisor.js'

/** What to run: a file with its arguments, without a shell, or a line for the shell. */
export type Program =
  | { readonly kind: 'file'; readonly file: string; readonly args: readonly string[] }
  | { readonly kind: 'line'; readonly line: string }

/**
 * `own`: the child leads a process group of its own, so that a signal reaches what it starts, too (npm, for one, hands nothing on). `shared`: it stays in ours,
 * as below a shell, and can use the terminal in every way.
 */
export type Grouping = 'own' | 'shared'

/** A process that was started; signals to one that has gone do nothing. */
export interface Child {
  readonly ended: Promise<ChildEnd>
  /** To the process alone. */
  readonly send: (signal: NodeJS.Signals) => void
  /** To its group, where it has its own. */
  readonly sendToAll: (signal: NodeJS.Signals) => void
  /** Resolves when nothing is left of its group; at once where it has none of its own. */
  readonly cleared: () => Promise<void>
}

export interface Starting {
  readonly program: Program
  readonly environment: ChildEnvironment
  readonly grouping: Grouping
  /** Why a program could not be started. */
  readonly say: (text: string) => void
}

/** Starts a program with the standard input, output and error of this process. Never throws: what cannot be started has ended with 126 or 127, as in a shell. */
export function startChild({ program, environment, grouping, say }: Starting): Child {
  // Windows has no process groups.
  const detached = grouping === 'own' && process.platform !== 'win32'
  const started = spawned({ program, environment, detached })
  if (started instanceof Error) return neverStarted(said(started, program, say))
  const group = detached ? started.pid : undefined
  return {
    ended: endOf(started, (error) => said(error, program, say)),
    send: (signal) => void started.kill(signal),
    sendToAll: (signal) => void (group === undefined ? started.kill(signal) : signalGroup(group, signal)),
    cleared: async () => (group === undefined ? undefined : groupGone(group)),
  }
}

interface Spawning {
  readonly program: Program
  readonly environment: ChildEnvironment
  readonly detached: boolean
}

function spawned({ program, environment, detached }: Spawning): ChildProcess | Error {
  const options = { env: environment, stdio: 'inherit', detached } as const
  try {
    return program.kind === 'line' ? spawn(program.line, { ...options, shell: true }) : spawn(program.file, program.args, options)
  } catch (error) {
    // A zero byte in a value or an argument, for one: no system can pass it on.
    if (error instanceof Error) return error
    throw error
  }
}

function endOf(child: ChildProcess, failed: (error: Error) => ChildEnd): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(failed(error))
    })
    child.once('exit', (code, signal) => resolve(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal }))
  })
}

function neverStarted(end: ChildEnd): Child {
  const nothing = (): void => {}
  return { ended: Promise.resolve(end), send: nothing, sendToAll: nothing, cleared: () => Promise.resolve() }
}

function said(error: NodeJS.ErrnoException, program: Program, say: (text: string) => void): ChildEnd {
  const what = program.kind === 'file' ? program.file : 'the shell'
  say(`${what} cannot be started: ${reason(error)}`)
  return { kind: 'not-started', code: error.code === 'ENOENT' ? 127 : 126 }
}

function reason({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such program'
    case 'EACCES':
      return 'it is no program, or may not be run'
    case 'E2BIG':
      return 'its variables and arguments are too large for this system; --only passes fewer on'
    case 'ERR_INVALID_ARG_VALUE':
      return 'one of its variables or arguments has a zero byte'
    default:
      return `the system says ${code ?? 'no'}`
  }
}
