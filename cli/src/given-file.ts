import { readFile } from 'node:fs/promises'
import { CommandError } from './failure.js'

/** The bytes of a file that a user has named. Throws 'usage' where it cannot be read. */
export async function readGiven(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new CommandError('usage', `The file '${file}' cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`)
  }
}
