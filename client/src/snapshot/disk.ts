import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigError } from '../errors.js'

/** More than any server may answer. */
const LIMIT_BYTES = 2 ** 28
/** Nobody takes an hour to write a file. */
const LEFT_AFTER_MS = 3_600_000
const LEFTOVER = /\.snapshot\.[0-9a-f-]{36}\.new$/

/** A file as a whole; `undefined` where there is none. Throws 'bad-snapshot' for what is no file, is too large or cannot be read. */
export async function readWhole(path: string): Promise<Buffer | undefined> {
  try {
    // A pipe in its place must not hold up a start, a link must not lead elsewhere.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    try {
      const { size } = await sizeOf(file)
      if (size > LIMIT_BYTES) throw new Error(`it has ${size} bytes, and ${LIMIT_BYTES} are allowed`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new ConfigError('bad-snapshot', `The snapshot ${path} cannot be read: ${reasonOf(cause)}.`, { cause })
  }
}

async function sizeOf(file: FileHandle) {
  const found = await file.stat()
  if (!found.isFile()) throw new Error('it is no file')
  return found
}

/**
 * Replaces a file as a whole, or makes it: whoever reads it finds the old content or the new, also after the power failed, and whoever else writes it at
 * this moment does not mix in. Throws 'bad-snapshot'.
 */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  const beside = `${path}.${randomUUID()}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeNew(beside, content)
    await rename(beside, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    await unlink(beside).catch(() => {})
    throw new ConfigError('bad-snapshot', `The snapshot ${path} cannot be written: ${reasonOf(cause)}.`, { cause })
  }
}

async function writeNew(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Without this the new name may be lost with the power. Some systems do not open folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await handle?.close()
  }
}

/** Removes a file, if it is there. Throws 'bad-snapshot'. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT')
      throw new ConfigError('bad-snapshot', `The snapshot ${path} cannot be removed: ${reasonOf(cause)}.`, { cause })
  }
}

/** Removes what processes left behind that died while they wrote; `now` in milliseconds. Never throws: it is only tidiness. */
export async function removeLeftovers(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const path of names.filter((name) => LEFTOVER.test(name)).map((name) => join(folder, name))) {
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    )
    if (age > LEFT_AFTER_MS) await unlink(path).catch(() => {})
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Node's messages name the operation and the path, and nothing of the content. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
