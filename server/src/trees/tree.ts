/** The immutable content of one tree at one moment. The id is opaque: a commit for Git, a fingerprint for a folder. */
export interface Snapshot {
  readonly id: string
}

/** One name in a folder. `id` names the content (a blob or tree id), so equal ids mean equal content. */
export interface TreeEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'submodule'
  readonly id: string
}

/** A file's content with the id of that content, and when it last changed where the tree knows (ms since 1970). */
export interface TreeFile {
  readonly id: string
  readonly bytes: Uint8Array
  readonly modified?: number
}

/** How a snapshot stands to a commit: it has it, is behind it, is of another line, is too far from it to tell, or does not know it. */
export type Reach = 'reached' | 'behind' | 'apart' | 'far' | 'unknown'

/** By whom the content of a snapshot was made, and when (ISO 8601, UTC). */
export interface Authored {
  readonly author: string
  readonly authored: string
}

/**
 * The seam between configuration and where files live. Paths are relative to the tree's root, separated by `/`,
 * without a leading or trailing one; the root folder is `''`.
 */
export interface Tree {
  /** What the label is now, or `undefined` where the tree has no such label. No network, except for a label or a repository never seen. */
  snapshot(label: string): Promise<Snapshot | undefined>
  /** The snapshot id that `snapshot(label)` would give, from memory alone; `undefined` means "ask `snapshot`". Cheap enough for every request. */
  current(label: string): string | undefined
  /** The branches and tags by name, as they are known here. No network. */
  labels(): Promise<readonly string[]>
  /** The names in a folder, sorted by code unit; empty where there is no such folder. Throws `snapshot-gone` where the tree cannot look back. */
  list(snapshot: Snapshot, folder: string): Promise<readonly TreeEntry[]>
  /** Those of the paths that are files. One question for all the names that a request may mean: most of them are absent. Throws `snapshot-gone` like `list`. */
  present(snapshot: Snapshot, paths: readonly string[]): Promise<ReadonlySet<string>>
  /** A file's content; `undefined` where the path is not a file (links and submodules are not). Throws `snapshot-gone` like `list`, `too-large` over the limit. */
  read(snapshot: Snapshot, path: string): Promise<TreeFile | undefined>
  /** Whether who reads this snapshot has what the commit had. A tree without history knows no commit but its own ids. */
  reach(snapshot: Snapshot, commit: string): Promise<Reach>
  /** Who made a snapshot; `undefined` where the tree keeps no history. */
  authored(snapshot: Snapshot): Promise<Authored | undefined>
  /** The one before: of a merge, what was merged into. `undefined` for the first, where the past is not here (a shallow clone), and without a history. */
  parent(snapshot: Snapshot): Promise<Snapshot | undefined>
  /** Does what it can so that this snapshot can still be read when no label leads to it any more. Never waits, and never writes where others work. */
  keep(snapshot: Snapshot): void
  /** Brings in what the remote has. The only call that uses the network; resolves at once where there is no remote. */
  fetch(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
