import type { LocatedFile, LocatedValue } from '@carillon/server'
import { CommandError } from '../failure.js'
import { escapedText } from '../formats/properties.js'
import { doubleQuoted } from '../formats/yaml.js'

/** A value of a file, and the text that it is to have. */
export interface ValueChange {
  readonly at: LocatedValue
  readonly text: string
}

/** Reads a file's values with their places, as the server does. */
export type Locate = (path: string, bytes: Uint8Array) => LocatedFile

/**
 * The bytes of a file with other values, and everything else as it was: comments, order, quotes, line ends. The result is read again, and every
 * value of it compared. Throws 'unwritable' where a change would be more than that.
 */
export function changeValues(path: string, bytes: Uint8Array, { changes, locate }: Changing): Uint8Array {
  const file = locate(path, bytes)
  const byStart = new Map(changes.map((change) => [change.at.start, change]))
  const changed = file.bytesOf([...byStart.values()].sort(lastFirst).reduce((text, change) => withChange(text, path, change), file.text))
  const after = locatedOrNothing(path, changed, locate)
  const wrong = file.values.find(({ key, value, start }, index) => {
    const expected = start === undefined ? value : (byStart.get(start)?.text ?? value)
    return after[index]?.key !== key || !Object.is(after[index]?.value, expected)
  })
  if (wrong === undefined && after.length === file.values.length) return changed
  const { at = wrong } = changes[0] ?? {}
  throw new CommandError(
    'unwritable',
    `${path}:${at?.line}: '${at?.key}' is written in a way that cannot be changed in place; nothing was written.`,
  )
}

/** What cannot be read any more is as wrong as another value. */
function locatedOrNothing(path: string, bytes: Uint8Array, locate: Locate): readonly LocatedValue[] {
  try {
    return locate(path, bytes).values
  } catch {
    return []
  }
}

interface Changing {
  readonly changes: readonly ValueChange[]
  readonly locate: Locate
}

function lastFirst(one: ValueChange, other: ValueChange): number {
  return (other.at.start ?? 0) - (one.at.start ?? 0)
}

function withChange(text: string, path: string, { at, text: becomes }: ValueChange): string {
  const { start = 0, end = start } = at
  const was = text.slice(start, end)
  // A text behind | or > goes to the next token.
  const tail = /^[|>]/.test(was) ? was.slice(was.trimEnd().length) : ''
  const written = /\.properties$/i.test(path) ? inProperties(becomes, at.key) : inYaml(becomes, was)
  return `${text.slice(0, start)}${written}${tail}${text.slice(end)}`
}

/** A comma would end an item of `key[]=a,b`; a sign in front would be taken for the separator where there is none but a blank. */
function inProperties(text: string, key: string): string {
  const escaped = escapedText(text).replace(/^[=:]/, '\\$&')
  return key.endsWith(']') ? escaped.replaceAll(',', '\\,') : escaped
}

/** Always in quotes: `{cipher}` would begin a map, and `007` or `no` would not stay a text. */
function inYaml(text: string, was: string): string {
  const needsEscapes = /[^\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(text)
  return was.startsWith('"') || needsEscapes ? doubleQuoted(text) : `'${text.replaceAll("'", "''")}'`
}
