import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One list on disk, as JSON. It is replaced as a whole: whoever reads it finds the old one or the new one. */
export interface StoredList {
  /** Empty where there is no file, and where it cannot be read; the latter is told. */
  readonly read: () => Promise<readonly unknown[]>
  /** Resolves once the disk has the list of this moment or a later one. Writes that wait for their turn become one. */
  readonly write: () => Promise<void>
}

export interface StoredListOptions {
  readonly path: string
  /** For messages. */
  readonly what: string
  /** What is to be written, asked for when it is. */
  readonly list: () => readonly unknown[]
  readonly onTrouble: (message: string, error: unknown) => void
  readonly beforeReplace?: () => void
}

export function createStoredList({ path, what, list, onTrouble, beforeReplace = () => {} }: StoredListOptions): StoredList {
  let running: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined
  const replace = async (): Promise<void> => {
    waiting = undefined
    running = replaceFile(path, JSON.stringify(list()), beforeReplace)
    await running
  }
  return {
    read: async () => {
      try {
        const found: unknown = JSON.parse(await readFile(path, 'utf8'))
        if (!Array.isArray(found)) throw new Error('expected a list')
        return found
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onTrouble(`${what} ${path} cannot be read and is begun anew`, error)
        return []
      }
    },
    write: () => {
      waiting ??= running.catch(() => undefined).then(replace)
      return waiting
    },
  }
}

/** Beside its place, flushed, renamed. */
async function replaceFile(path: string, text: string, beforeReplace: () => void): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  beforeReplace()
  await rename(`${path}.new`, path)
}

/** Gathers what happens within some time for one write. */
export interface WriteSoon {
  /** Never waits. */
  readonly soon: () => void
  /** Writes at once what waits. Idempotent. */
  readonly close: () => Promise<void>
}

export interface WriteSoonOptions {
  readonly write: () => Promise<void>
  /** In ms. */
  readonly pause: number
  readonly onFailure: (error: unknown) => void
}

export function writeSoon({ write, pause, onFailure }: WriteSoonOptions): WriteSoon {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const start = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    running = write().catch(onFailure)
    return running
  }
  return {
    soon: () => {
      timer ??= setTimeout(() => void start(), pause).unref()
    },
    close: () => (timer === undefined ? running : start()),
  }
}
