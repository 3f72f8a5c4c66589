/** Resolves with the first signal that asks the process to end. A second one ends it at once. */
export async function closeOnSignals(): Promise<'SIGTERM' | 'SIGINT'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143))
        resolve(signal)
      })
    }
  })
}
