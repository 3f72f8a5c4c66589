import { randomUUID } from 'node:crypto'
import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from '../failure.js'

/** A file, what it held when it was read, and what it is to hold. */
export interface Replacement {
  readonly path: string
  readonly was: Uint8Array
  readonly becomes: Uint8Array
}

/**
 * Replaces files, all or none: everything is written beside them first, then renamed, and what was renamed is renamed back where that fails.
 * Throws 'refused' where somebody else has changed one since.
 */
export async function replaceFiles(replacements: readonly Replacement[]): Promise<void> {
  const staged: Staged[] = []
  try {
    for (const replacement of replacements) staged.push(await stage(replacement))
    await putInPlace(staged)
  } finally {
    await Promise.all(staged.map(({ beside }) => rm(beside, { force: true })))
  }
}

interface Staged extends Replacement {
  readonly beside: string
}

async function stage(replacement: Replacement): Promise<Staged> {
  const { mode, uid, gid } = await stat(replacement.path)
  const beside = `${replacement.path}.${randomUUID()}.tmp`
  await writeNew(beside, { bytes: replacement.becomes, mode: mode & 0o777 })
  // Root works in a tree of somebody else's; who is not root can only have files of their own.
  await chown(beside, uid, gid).catch(() => {})
  return { ...replacement, beside }
}

async function putInPlace(staged: readonly Staged[]): Promise<void> {
  const done: Staged[] = []
  try {
    for (const each of staged) {
      const now = await readFile(each.path)
      if (!now.equals(each.was))
        throw new CommandError('refused', `${each.path} was changed by somebody else in the meantime; nothing was written.`)
      await rename(each.beside, each.path)
      done.push(each)
    }
  } catch (error) {
    for (const { path, was, becomes } of done) await replaceFiles([{ path, was: becomes, becomes: was }])
    throw error
  }
}

/** Makes a file that is on the disk when this resolves; throws EEXIST where there is one. */
export async function writeNew(path: string, { bytes, mode }: { readonly bytes: Uint8Array; readonly mode: number }): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.chmod(mode)
    await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
