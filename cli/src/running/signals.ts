import { constants } from 'node:os'
import { CommandError } from '../failure.js'
import { whenOrphaned } from '../signals.js'

/** Every signal that can be handed on and that the system does not send for its own reasons. */
const HANDED_ON: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']
    : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT']

/** Typed on a terminal, which sends it to every process in front of it. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGCONT'])

/** Hears of every signal until `close()`; an npm that ends counts as SIGTERM, because npm hands nothing on. */
export function listenToSignals(heard: (signal: NodeJS.Signals) => void): { readonly close: () => void } {
  for (const signal of HANDED_ON) process.on(signal, heard)
  const watch = process.env.npm_execpath === undefined ? undefined : whenOrphaned(() => heard('SIGTERM'))
  return {
    close: () => {
      for (const signal of HANDED_ON) process.off(signal, heard)
      watch?.close()
    },
  }
}

/** Ctrl-Z for a child that the terminal does not know: it is held first, and goes on when we do. */
export function listenToSuspension(hold: () => void): { readonly close: () => void } {
  if (process.platform === 'win32') return { close: () => {} }
  const suspend = (): void => {
    hold()
    process.kill(process.pid, 'SIGSTOP')
  }
  process.on('SIGTSTP', suspend)
  return { close: () => process.off('SIGTSTP', suspend) }
}

/** Whether a signal reaches a child in our process group without us. */
export function comesFromTerminal(signal: NodeJS.Signals): boolean {
  return FROM_TERMINAL.has(signal) && [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)
}

/** `HUP`, `SIGHUP` or `sighup`. Throws 'usage' for what is no signal, or one that no program hears. */
export function signalNamed(text: string): NodeJS.Signals {
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  if (isSignal(name) && name !== 'SIGKILL' && name !== 'SIGSTOP') return name
  throw new CommandError('usage', `--signal '${text}' is no signal that a program can hear: expected one such as SIGHUP or SIGUSR2.`)
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name)
}
