/** Writes data to stdout, and resolves when it has left this process. Throws EPIPE where nobody reads any more. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** Whether an error says that the reader has gone, as `head` does when it has enough. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPIPE'
}

/** A failed write is told to the one who wrote: as an event of its own it would end the process with a stack. */
export function ignoreLateWrites(): void {
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
}
