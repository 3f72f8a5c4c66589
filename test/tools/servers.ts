import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { refuseLeaks } from './outputs.js'

/** A server that runs in a process of its own. `log` is the file that its output goes to; it is searched for secrets when it is closed. */
export interface RunningServer {
  readonly url: string
  readonly log: string
  close(): Promise<void>
}

/** What to run; `ready` is the path that is asked until there is an answer, whatever its status. */
export interface ServerCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly port: number
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
  readonly ready?: string
  readonly patience?: number
}

/** Below those that systems give away by themselves, for listening or for connections, which may come between looking and listening. */
const FIRST_PORT = 20_000
const PORTS = 10_000

/** A port of the loopback address that was free a moment ago. */
export const findFreePort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

/** Starts a server and waits for its first answer. Throws with the end of its log when it ends, or does not answer in `patience` milliseconds. */
export const startServer = async (wanted: ServerCommand): Promise<RunningServer> => {
  const { name, command, args, port, log, env = {}, ready = '/actuator/health', patience = 90_000 } = wanted
  const output = openSync(log, 'w')
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, output] })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + patience
  while (!(await answers(url + ready))) {
    if (child.exitCode === null && child.signalCode === null && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    child.kill('SIGKILL')
    throw new Error(`${name} did not answer on ${url}${ready}; the end of ${log}:\n${readFileSync(log, 'utf8').slice(-3000)}`)
  }
  const close = async (): Promise<void> => {
    await stop(child)
    refuseLeaks(readFileSync(log, 'utf8'), [])
  }
  return { url, log, close }
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url)
    await answer.arrayBuffer()
    return answer.status > 0
  } catch {
    return false
  }
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const force = setTimeout(() => child.kill('SIGKILL'), 5000)
    child.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
    child.kill('SIGTERM')
  })
