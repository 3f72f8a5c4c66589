import { stepsOfKey } from '@carillon/environment'
import { ConfigError } from '../errors.js'
import { type Entry, originOf } from './key-tree.js'
import type { WarningList } from './warnings.js'

/** What becomes of values that count and cannot be decrypted: an error, or no value. */
export type OnLost = 'refuse' | 'omit'

/** Enough to see what is wrong. */
const MAX_TOLD = 10

/** Throws 'undecipherable', or warns: with keys, places and reasons, and nothing of the texts. */
export function tellOfLost(entries: readonly Entry[], { lost, warnings }: { readonly lost: OnLost; readonly warnings: WarningList }): void {
  if (entries.length === 0) return
  if (lost === 'refuse') throw refusal(entries)
  for (const entry of entries) warnings.add(`${placeOf(entry)} cannot be decrypted and is left out: ${entry.lost}`)
}

function refusal(entries: readonly Entry[]): ConfigError {
  const told = entries.slice(0, MAX_TOLD).map((entry) => `\n  ${placeOf(entry)}: ${entry.lost}`)
  const more = entries.length > MAX_TOLD ? `\n  and ${entries.length - MAX_TOLD} more` : ''
  const issues = entries.map(({ key, lost = '' }) => ({ message: lost, path: stepsOfKey(key), code: 'undecipherable' }))
  return new ConfigError('undecipherable', `The configuration has values that cannot be decrypted:${told.join('')}${more}`, {
    issues,
    hint: 'The server leaves {cipher} values to its clients: give `decrypt` their key, or set CARILLON_ENCRYPT_KEY',
  })
}

function placeOf(entry: Entry): string {
  const { source, line, column } = originOf(entry)
  return `${entry.key} (${[source, line, column].filter((part) => part !== undefined).join(':')})`
}
