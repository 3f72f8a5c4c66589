import type { PropertySource } from '@carillon/environment'
import type { Snapshot, TreeFile } from '../trees/tree.js'

/** What a client asks for, checked and normalised: `(_)` is `/`, lists are split. */
export interface ConfigRequest {
  readonly applications: readonly string[]
  readonly profiles: readonly string[]
  /** Absent where the URL had none. A comma list stays one text: what it means is the backend's affair. */
  readonly label?: string
}

/** A label that was made a snapshot while answering. The answer holds for as long as each of its pins is current. */
export interface Pin {
  readonly snapshot: Snapshot
  /** From memory alone, cheap enough for every request. */
  readonly isCurrent: () => boolean
}

/** What one source knows of a request: its property sources, strongest first, and what Spring calls version and state. */
export interface Found {
  readonly propertySources: readonly PropertySource[]
  readonly version: string | null
  readonly state: string | null
  readonly pins: readonly Pin[]
}

/** A plain-text or binary file with what it was read from. */
export interface FoundFile {
  readonly path: string
  readonly file: TreeFile
  readonly pins: readonly Pin[]
}

/** The seam between a request and where its answer comes from. */
export interface Source {
  /** Throws `no-such-label`, `no-such-repository`, `unreadable-file` and what the trees throw. */
  find(request: ConfigRequest): Promise<Found>
  /** The first of the candidates of a plain-text request that exists, `undefined` where none does. */
  findFile(request: ConfigRequest, path: string): Promise<FoundFile | undefined>
  close(): Promise<void>
}
