import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { makeScratch } from '../server/trees/repositories.js'
import { refuseLeaks } from '../tools/outputs.js'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command in a process of its own. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  readonly out: () => string
  readonly err: () => string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdio?: SpawnOptions['stdio']
}

const checkout = join(import.meta.dirname, '../..')
const launcher = join(checkout, 'cli/bin/carillon.js')
const BETWEEN = '=== '

/** The words that start the command, for `spawn` or a shell. */
export function commandLine(args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, launcher, ...args]
}

/** The environment of a command, without whatever this process has. */
function commandEnvironment({ cwd, env = {} }: RunOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    CARILLON_DATA_FOLDER: join(cwd, 'data'),
    ...env,
  }
}

// What is tested is what is built, and the launcher builds what is not; later it has nothing to say.
spawnSync(process.execPath, [launcher, '--version'])

/** Runs commands, each in a process that ends with the scratch; standard error and what they left in their folders are searched for secrets then. */
export function commandsOf(scratch: ReturnType<typeof makeScratch>) {
  const start = ([file, ...args]: readonly [string, ...string[]], options: RunOptions): Running => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: commandEnvironment(options),
      stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    })
    const output = { out: '', err: '' }
    child.stdout?.on('data', (chunk) => {
      output.out += String(chunk)
    })
    child.stderr?.on('data', (chunk) => {
      output.err += String(chunk)
    })
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })))
    const close = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
      refuseLeaks(output.err, [join(options.cwd, 'data'), join(options.cwd, '.carillon')])
    }
    scratch.closing({ close })
    return { child, ended, out: () => output.out, err: () => output.err }
  }
  return {
    start,
    /** One command line. */
    run: (args: readonly string[], options: RunOptions): Running => start(commandLine(args), options),
    /** Several command lines, one after the other in one process. */
    runAll: async (lines: readonly (readonly string[])[], options: RunOptions): Promise<readonly Ended[]> => {
      const { out, err } = await start([process.execPath, '--input-type=module', '-e', ALL, '--', JSON.stringify(lines)], options).ended
      const errors = err.split(BETWEEN)
      return out
        .split(BETWEEN)
        .slice(0, -1)
        .map((text, index) => ({ code: Number(/\d+$/.exec(text)?.[0]), out: text.replace(/\d+$/, ''), err: errors[index] ?? '' }))
    },
  }
}

const ALL = `
const { main } = await import('${pathToFileURL(join(checkout, 'cli/dist/main.js'))}')
for (const line of JSON.parse(process.argv[1])) {
  process.exitCode = 0
  await main(line)
  process.stderr.write('${BETWEEN}')
  process.stdout.write(process.exitCode + '${BETWEEN}')
}
process.exitCode = 0
`
