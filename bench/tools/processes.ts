import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** A server in a process of its own, pinned to one core where the machine can do that. */
export interface Pinned {
  readonly pid: number
  readonly url: string
  /** All that it printed so far. */
  readonly said: () => string
  readonly stop: () => Promise<void>
}

/** A benchmark that fails leaves no server behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill()
})

/** Starts `node` with the arguments on a core, or wherever there is room, and waits for the line of output that names the address. Throws with the output when it ends before. */
export async function startPinned(
  core: number | 'any',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Pinned> {
  const cores = core === 'any' ? `0-${cpus().length - 1}` : String(core)
  const child = spawn('taskset', ['-c', cores, process.execPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const said = listen(child)
  const url = await addressOf(child, said)
  if (child.pid === undefined) throw new Error('the server has no process')
  return { pid: child.pid, url, said, stop: () => stop(child) }
}

/** Runs `node` on a core to its end; what it printed. */
export async function runPinned(core: number, args: readonly string[]): Promise<string> {
  const child = spawn('taskset', ['-c', String(core), process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString()
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`)
  return output
}

/** CPU time that a process has used, user and system, in seconds (Linux: clock ticks of 10 ms). */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident memory of a process in MB. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

function listen(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      output += part.toString()
    })
  }
  return () => output
}

/** Of the line that names it; other lines may name remotes. */
async function addressOf(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const url = /(?:^| on )(https?:\/\/[\w.[\]:-]+:\d+)/m.exec(said())?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said()}`)))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
