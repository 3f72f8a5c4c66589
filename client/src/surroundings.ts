import type { Logger } from './options.js'

/** What a process has around it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  /** Arguments after the script. */
  readonly argv: readonly string[]
  /** Warnings and errors on the console, and nothing else. */
  readonly logger: Logger
}

/** Sets variables of this process. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables)
}

/** Ends this process before anything else of it runs, with a last word. */
export function giveUp(text: string): never {
  console.error(text)
  process.exit(1)
}

/** The one place of this package that looks at the process: everything else gets what it needs. */
export function surroundings(): Surroundings {
  return {
    env: process.env,
    pid: process.pid,
    argv: process.argv.slice(2),
    logger: { debug: () => {}, info: () => {}, warn: (...said) => console.warn(...said), error: (...said) => console.error(...said) },
  }
}
