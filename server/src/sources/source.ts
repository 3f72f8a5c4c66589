import type { PropertySource } from '@carillon/environment'
import type { Reach, Snapshot, TreeFile } from '../trees/tree.js'

/** What a client asks for, checked and normalised: `(_)` is `/`, lists are split. */
export interface ConfigRequest {
  readonly applications: readonly string[]
  readonly profiles: readonly string[]
  /** Absent where the URL had none. A comma list stays one text: what it means is the backend's affair. */
  readonly label?: string
}

/** A label that was made a snapshot while answering. The answer holds for as long as each of its pins is current. */
export interface Pin {
  /** What the label meant. */
  readonly snapshot: Snapshot
  /** The earlier one from which the answer was made, where it could not be made from that. */
  readonly served?: Snapshot
  /** From memory alone, cheap enough for every request. */
  readonly isCurrent: () => boolean
}

/** The pin of an answer that lacks what failed: it holds only until the next request, which may find more. */
export const neverCurrent: Pin = { snapshot: { id: '' }, isCurrent: () => false }

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
  /** When its snapshot was taken up (ms since 1970): nothing in that is newer. Absent where nobody knows, or where another repository's file may take its place. */
  readonly since?: number
  readonly pins: readonly Pin[]
}

/** A file that was found because others had none, or failed: it may be older than what they had, and is sent without a time. */
export function undated({ path, file: { id, bytes }, pins }: FoundFile): FoundFile {
  return { path, file: { id, bytes }, pins }
}

/** The seam between a request and where its answer comes from. */
export interface Source {
  /** Throws `no-such-label`, `no-such-repository`, `unreadable-file` and what the trees throw. */
  find(request: ConfigRequest): Promise<Found>
  /** The first of the candidates of a plain-text request that exists, `undefined` where none does. */
  findFile(request: ConfigRequest, path: string): Promise<FoundFile | undefined>
  /** Whether the answer to this request has what a commit had. */
  reach(request: ConfigRequest, commit: string): Promise<Reach>
  /** Brings in what the remotes have; the only call that uses the network. */
  fetch(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The commits that an answer was made from, and those that its labels mean where they could not be served. */
export function commitsOf(pins: readonly Pin[]): { readonly served: readonly string[]; readonly skipped: readonly string[] } {
  return {
    served: pins.flatMap(({ served, snapshot }) => (served ?? snapshot).id || []),
    skipped: pins.flatMap(({ served, snapshot }) => (served === undefined ? [] : snapshot.id)),
  }
}

/** Of two labels of one repository, one may be behind a commit and another have nothing to do with it: it is the first that lacks it. */
const BEST_FIRST: readonly Reach[] = ['reached', 'behind', 'far', 'apart', 'unknown']

/** Of several parts of an answer the one that knows the commit best: a commit belongs to one repository, the others have never heard of it. */
export function bestReach(reaches: readonly Reach[]): Reach {
  return BEST_FIRST.find((reach) => reaches.includes(reach)) ?? 'unknown'
}
