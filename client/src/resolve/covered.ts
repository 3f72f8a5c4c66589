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

/** Warns where what counts hides something of another kind. A list and a text agree: Spring reads the text as a list. */
export function warnOfCovered(node: KeyNode, { said, winner, isList }: Verdict, warnings: WarningList): void {
  const kindOf = ({ kind, entry }: Said): string => {
    if (kind === 'scalar') return typeof entry?.value === 'string' ? 'a text' : 'a value'
    return kind === 'list' || (kind === 'indexes' && isList) ? 'a list' : 'a map'
  }
  const mine = kindOf(winner)
  for (const other of said) {
    if (other.rank <= winner.rank || other.kind === 'empty') continue
    const theirs = kindOf(other)
    const isSame = mine === theirs || [mine, theirs].every((kind) => kind === 'a text' || kind === 'a value')
    if (isSame || [mine, theirs].every((kind) => kind === 'a text' || kind === 'a list')) continue
    const strong = placeBelow(node, winner)
    warnings.add(`${strong} covers ${placeBelow(node, other)}: ${mine} stands where the other has ${theirs}`)
  }
}

/** A key with its source, for warnings. */
export function placeOf({ key, from }: Entry): string {
  return `${key} (${from.source})`
}

function placeBelow(node: KeyNode, { rank, kind, entry }: Said): string {
  const found = kind === 'scalar' ? entry : entryBelow({ ...node, entries: [] }, rank)
  return found === undefined ? '' : placeOf(found)
}
