import type { GitEngine, ProxySettings, SshSettings } from '../../settings/settings.js'
import type { Tree } from '../tree.js'
import type { DiskUse } from './packs.js'

/** One repository. Times are in seconds, as in Spring's keys. */
export interface GitTreeOptions {
  /** A `file:` URL or a path is read in place; `http:`, `https:`, `ssh:`, `git:` and `user@host:path` are cloned. May hold credentials. */
  readonly uri: string
  /** Where the clone lives: absent, or a clone made by us. Not used for a local repository. */
  readonly folder: string
  readonly defaultLabel: string
  /** Who reads and reaches it; `auto` where absent. */
  readonly engine?: GitEngine
  /** More packs than this are made fewer in the background; 40 where absent. Not used for a local repository. */
  readonly maxPacks?: number
  /** Bytes that the packs of its clone may take; without a limit where absent or 0. Not used for a local repository. */
  readonly maxDisk?: number
  readonly username?: string
  readonly password?: string
  /** 0: the remote's refs are listed every 5 s; more: the interval; less: never. */
  readonly refreshRate: number
  /** For connecting and for silence, above 0. */
  readonly timeout: number
  readonly deleteUntrackedBranches: boolean
  readonly skipSslValidation: boolean
  readonly trustCertificate?: string
  readonly ssh?: SshSettings
  readonly proxy: { readonly http?: ProxySettings; readonly https?: ProxySettings }
  /** A label means another commit. Also called when a label becomes known, from `undefined`. */
  readonly onMove?: (label: string, from: string | undefined, to: string | undefined) => void
  /** The repository cannot be read or reached; told once for each new reason. Never holds credentials. */
  readonly onTrouble?: (error: Error) => void
  /** A look at a remote is over, whether anything had changed or not. */
  readonly onLooked?: (look: Look) => void
}

/** How a look at a remote went, the fetch included where one followed. */
export interface Look {
  readonly outcome: 'succeeded' | 'failed'
  readonly seconds: number
}

/** How a repository is doing. `cloning` covers the time before the first look, too. */
export interface TreeStatus {
  readonly state: 'cloning' | 'ready' | 'failed'
  /** When the refs were last seen (ms since 1970). */
  readonly lastFetch?: number
  /** Why the last look failed; absent when it did not. */
  readonly lastError?: string
  /** What its clone took on disk after the last fetch; absent without a clone. */
  readonly disk?: DiskUse
}

export interface GitTree extends Tree {
  status(): TreeStatus
}
