import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Log, messageOf } from './log.js'
import { installKeys, keyFiles, pathOf } from './settings/keys.js'
import type { EncryptSettings } from './settings/settings.js'
import type { Keys } from './sources/secrets.js'
import { watchFolders } from './trees/watch.js'

/** The keys for cipher texts, those in files as they are at this moment. */
export interface InstalledKeys {
  readonly current: () => Keys
  /** Idempotent. */
  readonly close: () => void
}

/** How often files are looked at when the file system says nothing (ms). */
const INTERVAL = 5_000

/** Installs the keys and watches their files: new ones count from the next answer on, and where they cannot be used the old ones stay. Throws `invalid-settings` at the start. */
export function installedKeys(settings: EncryptSettings, log: Log, interval = INTERVAL): InstalledKeys {
  const paths = keyFiles(settings).map(pathOf)
  let contents = contentsOf(paths)
  let keys: Keys = { find: installKeys(settings, readFileSync) }
  if (paths.length === 0) return { current: () => keys, close: () => {} }
  const look = async (): Promise<void> => {
    const now = contentsOf(paths)
    if (now === contents) return
    contents = now
    try {
      keys = { find: installKeys(settings, readFileSync) }
      log.info({ files: paths }, 'The keys for cipher texts have changed; answers are made with the new ones.')
    } catch (error) {
      log.error({ files: paths }, `The keys for cipher texts have changed and cannot be used, so the old ones stay: ${messageOf(error)}`)
    }
  }
  const onTrouble = (error: Error): void => log.warn({ files: paths }, `Looking at the key files failed: ${error.message}`)
  const watching = watchFolders({ folders: () => [...new Set(paths.map((path) => dirname(path)))], look, onTrouble, interval })
  return { current: () => keys, close: () => watching.close() }
}

/** One text for all files: equal while none changes. It holds keys, and stays here. */
function contentsOf(paths: readonly string[]): string {
  return JSON.stringify(paths.map(contentOrNothing))
}

function contentOrNothing(path: string): string | null {
  try {
    return readFileSync(path).toString('base64')
  } catch {
    return null
  }
}
