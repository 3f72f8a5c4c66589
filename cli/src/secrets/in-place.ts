import { realpath } from 'node:fs/promises'
import { isCipherText, scalarText, uniformKey } from '@carillon/environment'
import type { LocatedValue } from '@carillon/server'
import { CommandError } from '../failure.js'
import { readGiven } from '../given-file.js'
import { someOf } from '../talk.js'
import { changeValues } from './change.js'
import { replaceFiles } from './replace-files.js'

/** Which value of which file. */
export interface PlaceChoice {
  readonly file: string
  readonly property: string | undefined
  /** Where the file has several values of that name. */
  readonly line: number | undefined
}

export interface PlaceArguments {
  readonly in: string | undefined
  readonly property: string | undefined
  readonly line: number | undefined
  readonly file: string | undefined
  readonly words: readonly string[] | undefined
}

/** A value that is to be changed. */
export interface FoundValue {
  readonly key: string
  readonly text: string
  readonly isCipher: boolean
  /** `file:line: key`, for messages. */
  readonly place: string
}

/**
 * Changes one value of a file in place, with what `becomes` makes of it; where it was. Throws 'usage' and 'absent' for a value that cannot be
 * found, and whatever `becomes` throws: then nothing is written.
 */
export async function changeInPlace(choice: PlaceChoice, becomes: (value: FoundValue) => Promise<string>): Promise<FoundValue> {
  // The server is large, and only files with values need its readers.
  const { locateValues: locate } = await import('@carillon/server')
  const { path, bytes } = await fileOf(choice.file)
  const { values } = locate(choice.file, bytes)
  const at = chosen(values, choice)
  const text = at.value === null ? '' : scalarText(at.value)
  const found = { key: at.key, text, isCipher: isCipherText(at.value), place: `${choice.file}:${at.line}: ${at.key}` }
  const shared = values.filter(({ start }) => start === at.start)
  if (shared.length > 1)
    throw new CommandError('refused', `${found.place} is one text for several keys (an alias): ${someOf(shared.map(({ key }) => key))}.`)
  const changed = changeValues(choice.file, bytes, { changes: [{ at, text: await becomes(found) }], locate })
  await replaceFiles([{ path, was: bytes, becomes: changed }])
  return found
}

/** A link stays one: what it leads to is changed. */
async function fileOf(file: string): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  const bytes = await readGiven(file)
  return { path: await realpath(file), bytes }
}

function chosen(values: readonly LocatedValue[], { file, property, line }: PlaceChoice): LocatedValue {
  if (property === undefined) throw new CommandError('usage', `Which value of '${file}'? --property KEY, such as db.password.`)
  const exact = values.filter(({ key }) => key === property)
  const named = exact.length > 0 ? exact : values.filter(({ key }) => uniformKey(key) === uniformKey(property))
  const [value, ...others] = line === undefined ? named : named.filter((each) => each.line === line)
  if (value === undefined) {
    const where = line === undefined ? `'${file}'` : `line ${line} of '${file}'`
    throw new CommandError(
      'absent',
      `There is no value '${property}' in ${where}: it has ${someOf(values.map(({ key }) => key)) || 'none'}.`,
    )
  }
  if (others.length > 0)
    throw new CommandError(
      'usage',
      `'${file}' has '${property}' ${others.length + 1} times: which --line, ${[value, ...others].map((each) => each.line).join(', ')}?`,
    )
  if (value.start === undefined) throw new CommandError('absent', `${file}:${value.line}: '${value.key}' has no value.`)
  return value
}
