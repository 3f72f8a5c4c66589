import { join, resolve } from 'node:path'
import { systemClock } from './clock.js'
import { ConfigError } from './errors.js'
import type { Clock } from './options.js'
import { readWhole, removeFile, removeLeftovers, replaceFile } from './snapshot/disk.js'
import { type Keeping, type Kept, type SavedDocument, seal, unseal } from './snapshot/format.js'
import { keyFrom } from './snapshot/key.js'
import { nameOf, type View } from './snapshot/view.js'

export type { Kept, SavedDocument } from './snapshot/format.js'
export type { View } from './snapshot/view.js'

/** The last known good answer of one view, in one file. */
export interface Snapshot {
  readonly path: string
  /** `undefined`: there is none. Throws 'bad-snapshot' when there is one that cannot be used: damaged, too old, of another view or another key. */
  readonly read: () => Promise<SavedDocument | undefined>
  /**
   * Resolves once this document, or one that was given later, is on disk. Writes that wait for their turn become one. What a server decrypted is written
   * with a key only: without one the file goes, as it would fall behind. Throws 'bad-snapshot'.
   */
  readonly write: (document: Kept) => Promise<void>
  /** The server says that what was written or read last still holds: writes it again where a tenth of its time has gone by. Throws 'bad-snapshot'. */
  readonly confirm: () => Promise<void>
}

export interface SnapshotPlace {
  /** Made where it is absent, for this user alone. */
  readonly folder: string
  readonly view: View
  /** Milliseconds; older ones are not used. */
  readonly maxAgeMs?: number | undefined
  /** 32 bytes in hex or base64, or a passphrase. */
  readonly encryptKey?: string | undefined
  readonly clock?: Clock
  /** Hears once, at the first write, that without a key everything stands there readable; and once that an answer is not kept for that reason. */
  readonly warn?: (message: string) => void
}

/** Touches no file yet. Throws 'bad-options' for a key that is too short. */
export function openSnapshot(place: SnapshotPlace): Snapshot {
  const { view, maxAgeMs, encryptKey, clock = systemClock } = place
  const folder = resolve(place.folder)
  const path = join(folder, nameOf(view))
  const keeping: Keeping = { path, view, key: encryptKey === undefined ? undefined : keyFrom(encryptKey) }
  const begin = once(async () => {
    if (keeping.key === undefined) place.warn?.(plainWarning(folder))
    await removeLeftovers(folder, clock.now())
  })
  const sayForgone = once(async () => place.warn?.(forgoing(path)))
  let latest: { readonly document: Kept; readonly at: number } | undefined
  let running: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined

  const save = async () => {
    waiting = undefined
    if (latest === undefined) return
    if (keeping.key === undefined && latest.document.decrypted) {
      await sayForgone()
      return removeFile(path)
    }
    await replaceFile(path, await seal(latest.document, { ...keeping, savedAt: new Date(latest.at) }))
    await begin()
  }
  const write = (document: Kept): Promise<void> => {
    latest = { document, at: clock.now() }
    waiting ??= running.then(() => {
      const saved = save()
      running = saved.catch(() => {})
      return saved
    })
    return waiting
  }
  return {
    path,
    read: async () => {
      const bytes = await readWhole(path)
      if (bytes === undefined) return undefined
      const found = await unseal(bytes, keeping)
      refuseOld(found.savedAt, { path, maxAgeMs, now: clock.now() })
      latest ??= { document: found, at: found.savedAt.getTime() }
      return found
    },
    write,
    confirm: async () => {
      if (latest !== undefined && maxAgeMs !== undefined && clock.now() - latest.at >= maxAgeMs / 10) await write(latest.document)
    },
  }
}

/** Clocks of machines that share a folder differ a little. */
const TOLERANCE_MS = 300_000

function refuseOld(savedAt: Date, { path, maxAgeMs, now }: { path: string; maxAgeMs: number | undefined; now: number }): void {
  if (maxAgeMs === undefined) return
  const age = now - savedAt.getTime()
  const since = `it is of ${savedAt.toISOString()}`
  if (age > maxAgeMs)
    throw new ConfigError('bad-snapshot', `The snapshot ${path} is too old: ${since}, ${age} ms ago, and may be ${maxAgeMs} ms old.`)
  if (age < -TOLERANCE_MS)
    throw new ConfigError('bad-snapshot', `The snapshot ${path} has no age: ${since}, and the clock says ${new Date(now).toISOString()}.`, {
      hint: 'The clock is wrong, or was when it was written.',
    })
}

function plainWarning(folder: string): string {
  return (
    `Snapshots in ${folder} are not encrypted: secrets in them can be read by whoever can read the files. ` +
    'Set CARILLON_SNAPSHOT_KEY, or snapshot.encryptKey, to 32 random bytes in hex.'
  )
}

function forgoing(path: string): string {
  return (
    `The snapshot ${path} is not kept: it would hold what the server decrypted, readable for whoever can read the file. ` +
    'Set CARILLON_SNAPSHOT_KEY, or snapshot.encryptKey, to 32 random bytes in hex; or let this client decrypt.'
  )
}

function once(task: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= task()
    return done
  }
}
