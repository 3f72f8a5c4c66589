import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command `carillon`, as it would be shipped. */
export const launcher = fileURLToPath(new URL('../../cli/bin/carillon.js', import.meta.url))

/** A program of this folder. */
export function tool(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}

/** A folder that is there as long as this process. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
