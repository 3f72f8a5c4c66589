import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { LARGEST_OBJECT } from '../objects.js'
import { type BatchAnswer, readBatch } from './batch-answers.js'
import { killGroup, LITTLE_MEMORY, startGit } from './command.js'
import { absent, cannotRun, endOf } from './words.js'

/** Asks one repository for objects by name, through a `git cat-file` that is started when it is needed and again when it died. */
export interface Batch {
  /** Rejects where the process fails twice at this name, with its last words. */
  ask(name: string): Promise<BatchAnswer>
  /** Lets the process finish what it was asked, and takes a new one for what comes. */
  retire(): void
  /** Ends the process; what waits for it, and whoever asks later, is refused. May be called again. */
  close(): Promise<void>
}

export interface BatchPlace {
  readonly gitdir: string
  readonly content: 'whole' | 'header'
}

interface Asked {
  readonly name: string
  readonly resolve: (answer: BatchAnswer) => void
  readonly reject: (error: Error) => void
  failures: number
}

const MOST_IN_FLIGHT = 64
const MOST_FAILURES = 2
/** A process that nobody asks holds memory and open packs (ms). */
const IDLE = 60_000
/** Nothing takes this long but a disk that is gone (ms). */
const STUCK = 30_000

/** Starts nothing yet. */
export function openBatch(place: BatchPlace): Batch {
  const waiting: Asked[] = []
  const lines = new Set<Line>()
  let line: Line | undefined
  let closed = false

  const refuse = (error: Error) => {
    for (const one of waiting.splice(0)) one.reject(error)
  }
  const pump = () => {
    if (closed) return refuse(closing())
    const room = MOST_IN_FLIGHT - (line?.inFlight() ?? 0)
    if (waiting.length === 0 || room <= 0) return
    try {
      line ??= start()
    } catch (error) {
      // Some failures to start come as an event, these do not.
      return refuse(cannotRun((error as Error).message, error))
    }
    line.send(waiting.splice(0, room))
  }
  const start = (): Line => {
    const started = openLine(place, {
      onRoom: pump,
      onEnd(left, error) {
        lines.delete(started)
        if (line === started) line = undefined
        waiting.unshift(...(closed ? left : survivors(left, error)))
        pump()
      },
    })
    lines.add(started)
    return started
  }

  return {
    ask: (name) =>
      new Promise((resolve, reject) => {
        waiting.push({ name, resolve, reject, failures: 0 })
        pump()
      }),
    retire() {
      line?.finish()
      line = undefined
    },
    async close() {
      closed = true
      refuse(closing())
      await Promise.all([...lines].map((one) => one.kill()))
    },
  }
}

/** Whom a process died of is the one that it was answering; the others only waited behind. */
function survivors(left: readonly Asked[], error: Error): readonly Asked[] {
  const [first, ...others] = left
  if (first === undefined) return []
  first.failures += 1
  if (first.failures < MOST_FAILURES) return left
  first.reject(error)
  return others
}

function closing(): Error {
  return new Error('the repository is closed')
}

/** One process and what it was asked. */
interface Line {
  /** In one write: waking the process up costs more than what it then does. */
  send(asked: readonly Asked[]): void
  inFlight(): number
  finish(): void
  kill(): Promise<void>
}

interface LineEvents {
  readonly onRoom: () => void
  /** The process is gone, with what it left unanswered and why. */
  readonly onEnd: (left: readonly Asked[], error: Error) => void
}

function openLine({ gitdir, content }: BatchPlace, { onRoom, onEnd }: LineEvents): Line {
  const child = startGit({ gitdir, args: ['cat-file', content === 'whole' ? '--batch' : '--batch-check'], config: FRUGAL })
  const sent: Asked[] = []
  let failure: Error | undefined
  let words = ''
  const fail = (error: Error) => {
    failure ??= error
    killGroup(child)
  }
  const attention = watchOver(child, { onStuck: () => fail(cannotRun(`nothing came for ${STUCK / 1000} s`)), onIdle: () => finish() })
  const finish = () => void child.stdin?.end()
  const take = readBatch({
    body: content === 'whole' ? 'follows' : 'none',
    largest: LARGEST_OBJECT,
    onAnswer(answer) {
      const asked = sent.shift()
      if (asked === undefined || (content === 'whole' && answer.id !== asked.name)) throw new Error('git answered what it was not asked')
      asked.resolve(answer)
    },
  })
  child.stdin?.on('error', () => undefined)
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-4096)
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    if (failure !== undefined) return
    try {
      take(chunk)
    } catch (error) {
      fail(error as Error)
    }
    onRoom()
    attention.heard(sent.length)
  })
  child.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= cannotRun((error.code === 'ENOENT' ? absent() : error).message, error)
  })
  const ended = new Promise<void>((resolve) => {
    child.on('close', (_, signal) => {
      attention.close()
      onEnd(sent.splice(0), failure ?? endOf(words, signal))
      resolve()
    })
  })

  return {
    inFlight: () => sent.length,
    send(asked) {
      sent.push(...asked)
      child.stdin?.write(asked.map(({ name }) => `${name}\n`).join(''))
      attention.heard(sent.length)
    },
    finish,
    kill() {
      killGroup(child)
      return ended
    },
  }
}

/** Objects that are too large are streamed instead of unpacked; what is often wanted is kept on our side. */
const FRUGAL = [['core.bigFileThreshold', String(LARGEST_OBJECT)], ...LITTLE_MEMORY] as const

interface Watchfulness {
  readonly onStuck: () => void
  readonly onIdle: () => void
}

/** Whoever waits keeps this process alive, an idle `git` does not. */
function watchOver(child: ChildProcess, { onStuck, onIdle }: Watchfulness) {
  let state: 'busy' | 'idle' | undefined
  let timer: NodeJS.Timeout | undefined
  return {
    /** Something was asked or answered; so many questions are open now. */
    heard(open: number) {
      const now = open > 0 ? 'busy' : 'idle'
      if (now === state) return void timer?.refresh()
      state = now
      clearTimeout(timer)
      hold(child, now === 'busy' ? 'ref' : 'unref')
      timer = now === 'busy' ? setTimeout(onStuck, STUCK) : setTimeout(onIdle, IDLE).unref()
    },
    close: () => clearTimeout(timer),
  }
}

function hold(child: ChildProcess, how: 'ref' | 'unref'): void {
  child[how]()
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket | null)?.[how]()
}
