import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own that can be told where to die. It keeps its port and its data. */
export interface MortalServer {
  readonly url: string
  readonly isAlive: () => boolean
  /** Runs it until it answers; false where it died before. */
  readonly start: () => Promise<boolean>
  /** Dies when it next passes this fault point. */
  readonly dieAt: (point: string) => void
  /** Takes the order back; false where it has been followed. */
  readonly spare: () => boolean
  readonly died: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly log: () => string
}

export interface ServerPlace {
  readonly folder: string
  readonly port: number
  /** What follows `carillon serve`, but for the port and the data folder. */
  readonly args: readonly string[]
}

const launcher = fileURLToPath(new URL('../../cli/bin/carillon.js', import.meta.url))
const die = new URL('./die.mjs', import.meta.url).href
const PATIENCE = 30_000

export function prepareServer({ folder, port, args }: ServerPlace): MortalServer {
  const url = `http://127.0.0.1:${port}`
  const order = join(folder, `die-${port}`)
  const log = join(folder, `server-${port}.log`)
  const own = ['--port', String(port), '--data-folder', join(folder, `data-${port}`), '--log-level', 'info']
  let child: ChildProcess | undefined
  let ended: Promise<void> = Promise.resolve()

  const isAlive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null
  const end = (): void => {
    child?.kill('SIGKILL')
  }
  const launch = (): void => {
    const output = openSync(log, 'a')
    const started = spawn(process.execPath, ['--import', die, launcher, 'serve', ...args, ...own], {
      env: { ...process.env, FAULTS_DIE_AT: order },
      stdio: ['ignore', output, output],
    })
    child = started
    process.once('exit', end)
    ended = new Promise((resolve) => started.once('exit', () => resolve()))
    void ended.then(() => process.off('exit', end))
  }
  return {
    url,
    isAlive,
    start: async () => {
      launch()
      for (const until = Date.now() + PATIENCE; Date.now() < until && isAlive(); await pause(20)) if (await answers(url)) return true
      if (isAlive())
        throw new Error(`no answer at ${url} for ${PATIENCE} ms; the end of ${log}:\n${readFileSync(log, 'utf8').slice(-2000)}`)
      return false
    },
    dieAt: (point) => writeFileSync(order, point),
    spare: () => {
      try {
        rmSync(order)
        return true
      } catch {
        return false
      }
    },
    died: () => ended,
    kill: async () => {
      end()
      await ended
    },
    log: () => readFileSync(log, 'utf8'),
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/application/default`, { signal: AbortSignal.timeout(2000) })
    await answer.arrayBuffer()
    return answer.status === 200
  } catch {
    return false
  }
}
