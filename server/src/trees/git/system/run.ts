import type { ChildProcess } from 'node:child_process'
import { type GitCall, killGroup, startGit } from './command.js'
import { absent, failureOf } from './words.js'

export interface GitRun extends GitCall {
  readonly input?: string
  readonly signal: AbortSignal
  /** The longest time without a word of it (ms), until it has what it wanted of the network; 0 for no limit. */
  readonly silence?: number
}

/** More than a list of half a million refs. */
const MOST_OUTPUT = 64 * 1024 * 1024
const KEPT_WORDS = 16 * 1024
/** From here on Git works alone, and may be silent for as long as that takes. */
const RECEIVED = /Receiving objects: +100%|Resolving deltas/

/**
 * Runs a `git` to its end and resolves to what it printed. Rejects with its last words where it failed, and with the reason of the
 * signal; the whole process group is gone then.
 */
export function runGit({ input = '', signal, silence = 0, ...call }: GitRun): Promise<string> {
  signal.throwIfAborted()
  const child = startGit(call)
  return new Promise((resolve, reject) => {
    let failure: { readonly reason: unknown } | undefined
    const fail = (reason: unknown) => {
      failure ??= { reason }
      killGroup(child)
      // Whoever got away keeps these open, and nobody waits for that.
      for (const stream of [child.stdout, child.stderr]) stream?.destroy()
    }
    const stop = () => fail(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const watch = watchSilence(silence, () => fail(new Error(`nothing came for ${silence / 1000} s`)))
    const heard = listen(child, { watch, onTooMuch: () => fail(new Error(`git printed more than ${MOST_OUTPUT} bytes`)) })
    child.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT' ? absent() : error))
    // What it started must not outlive it, and would keep its output open.
    child.on('exit', () => killGroup(child))
    child.on('close', (code) => {
      watch.close()
      signal.removeEventListener('abort', stop)
      if (failure !== undefined) reject(failure.reason)
      else if (code === 0) resolve(heard.output())
      else reject(failureOf(heard.words()))
    })
    give(child, input)
  })
}

interface Listening {
  readonly watch: ReturnType<typeof watchSilence>
  readonly onTooMuch: () => void
}

/** Keeps what it prints, and the end of what it says beside that. */
function listen(child: ChildProcess, { watch, onTooMuch }: Listening) {
  const output: Buffer[] = []
  let size = 0
  let words = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    watch.heard()
    output.push(chunk)
    size += chunk.length
    if (size > MOST_OUTPUT) onTooMuch()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    watch.heard()
    words = (words + chunk.toString('utf8')).slice(-KEPT_WORDS)
    if (RECEIVED.test(words)) watch.close()
  })
  return { output: () => Buffer.concat(output).toString('utf8'), words: () => words }
}

function give(child: ChildProcess, input: string): void {
  // A `git` that ended early says why on its own.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
}

function watchSilence(limit: number, onSilence: () => void) {
  let timer = limit > 0 ? setTimeout(onSilence, limit) : undefined
  return {
    heard() {
      timer?.refresh()
    },
    close() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
