import { type Entry, entryBelow, type KeyNode } from './key-tree.js'
import type { WarningList } from './warnings.js'

/** What one layer says at a node. `indexes`: numbers that do not begin with 0, so a list with holes or a map. */
export interface Said {
  readonly rank: number
  readonly kind: 'empty' | 'scalar' | 'list' | 'indexes' | 'map'
  /** The value of the key itself. */
  readonly entry: Entry | undefined
}

interface Verdict {
  readonly said: readonly Said[]
  readonly winner: Said
  readonly isList: boolean
}

/** More of one key are told by these. */
const MAX_COVERED = 3

/** Warns where what counts hides something of another kind. A list and a text agree: Spring reads the text as a list. */
export function warnOfCovered(node: KeyNode, { said, winner, isList }: Verdict, warnings: WarningList): void {
  const mine = formOf(winner, isList)
  const covered = said.filter((other) => other.rank > winner.rank && other.kind !== 'empty' && !agree(mine, formOf(other, isList)))
  for (const other of covered.slice(0, MAX_COVERED)) {
    const theirs = formOf(other, isList)
    warnings.add(`${placeBelow(node, winner)} covers ${placeBelow(node, other)}: ${mine} stands where the other has ${theirs}`)
  }
}

type Form = 'a text' | 'a value' | 'a list' | 'a map'

function formOf({ kind, entry }: Said, isList: boolean): Form {
  if (kind === 'scalar') return typeof entry?.value === 'string' ? 'a text' : 'a value'
  return kind === 'list' || (kind === 'indexes' && isList) ? 'a list' : 'a map'
}

function agree(mine: Form, theirs: Form): boolean {
  const forms = [mine, theirs]
  return mine === theirs || (forms.includes('a text') && !forms.includes('a map'))
}

/** A key with its source, for warnings. */
export function placeOf({ key, from }: Entry): string {
  return `${key} (${from.source})`
}

function placeBelow(node: KeyNode, { rank, kind, entry }: Said): string {
  const found = kind === 'scalar' ? entry : entryBelow({ ...node, entries: [] }, rank)
  return found === undefined ? '' : placeOf(found)
}
