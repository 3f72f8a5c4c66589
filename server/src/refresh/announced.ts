import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { faultPoint } from '../fault-points.js'

/**
 * What was last announced for each label of one repository, kept on disk: a server that dies between taking a commit up and announcing it makes good at
 * its next start.
 */
export interface AnnouncedRecord {
  readonly get: (label: string) => string | undefined
  readonly labels: () => readonly string[]
  /** Resolves once the disk has it. */
  readonly set: (label: string, commit: string) => Promise<void>
}

/** Labels beyond this are forgotten, the one announced longest ago first. */
const MAX_LABELS = 1_000

/** Opens the record in a file; one that is missing or cannot be read is an empty record, told to `onTrouble` where it is damaged. */
export async function openAnnouncedRecord(path: string, onTrouble: (message: string, error: unknown) => void): Promise<AnnouncedRecord> {
  const announced = await readRecord(path, onTrouble)
  let written: Promise<void> = Promise.resolve()
  return {
    get: (label) => announced.get(label),
    labels: () => [...announced.keys()],
    set: (label, commit) => {
      announced.delete(label)
      announced.set(label, commit)
      const [oldest] = announced.keys()
      if (announced.size > MAX_LABELS && oldest !== undefined) announced.delete(oldest)
      written = written.catch(() => undefined).then(() => writeRecord(path, announced))
      return written
    },
  }
}

async function readRecord(path: string, onTrouble: (message: string, error: unknown) => void): Promise<Map<string, string>> {
  try {
    const pairs: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!Array.isArray(pairs)) throw new Error('expected a list')
    return new Map(pairs.filter(isPair))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      onTrouble(`The record of announcements ${path} cannot be read and is begun anew`, error)
    return new Map()
  }
}

function isPair(pair: unknown): pair is [string, string] {
  return Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'
}

/** Beside its place, flushed, renamed: whoever reads it finds the old record or the new one. */
async function writeRecord(path: string, announced: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify([...announced]))
    await file.sync()
  } finally {
    await file.close()
  }
  faultPoint('announce.within-record')
  await rename(`${path}.new`, path)
}
