/** Why the process should end: a signal, or the npm that started it is gone. */
export type EndReason = 'SIGTERM' | 'SIGINT' | 'npm ended'

/** How often the parent is looked at (ms): a supervisor that restarts the command wants its port back at once. */
const WATCH = 200

/** Resolves with the first thing that asks the process to end. A second signal ends it at once. */
export async function closeOnSignals(): Promise<EndReason> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143))
        resolve(signal)
      })
    }
    if (process.env.npm_execpath !== undefined) whenOrphaned(() => resolve('npm ended'))
  })
}

/** `npx` and `npm start` put a shell in between and end it without passing their signal on: all that is seen of it here is another parent. */
export function whenOrphaned(end: () => void): { readonly close: () => void } {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    end()
  }, WATCH).unref()
  return { close: () => clearInterval(timer) }
}
