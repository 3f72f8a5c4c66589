import type { Scalar } from '@carillon/environment'
import { defaultLimits, type ParseContext, type Place, tooLarge, unreadable } from './document.js'
import { scanProperties } from './properties.js'
import { decodeLatin1, encodeLatin1, encodeUnicodeLike } from './text.js'
import { readText, scanYaml } from './yaml.js'

/** A value of a file, and where its text stands there. */
export interface LocatedValue {
  /** The flat key, as a client gets it. */
  readonly key: string
  readonly value: Scalar
  readonly line: number
  readonly column: number
  /** Offsets into the text of the file: quotes are within, what is around them is not. Absent where nothing is written. */
  readonly start?: number
  readonly end?: number
}

/** A file as a text, and all values of all its documents in their order, overridden ones too. */
export interface LocatedFile {
  readonly text: string
  readonly values: readonly LocatedValue[]
  /** The bytes of another text in this file's encoding. */
  readonly bytesOf: (text: string) => Uint8Array
}

/**
 * Reads a `.yml`, `.yaml` or `.properties` file as the server does, for whoever wants to change a value and nothing else.
 * Throws `unreadable-file` (file, line, column) and `too-large`.
 */
export function locateValues(path: string, bytes: Uint8Array): LocatedFile {
  const context = { file: path, limits: defaultLimits }
  if (bytes.length > context.limits.bytes)
    throw tooLarge(`${path} has ${bytes.length} bytes, at most ${context.limits.bytes} are read`, { file: path })
  if (/\.properties$/i.test(path)) return locateInProperties(context, bytes)
  if (/\.ya?ml$/i.test(path)) return locateInYaml(context, bytes)
  throw unreadable({ file: path, expected: 'expected a name ending in .yml, .yaml or .properties' }, { line: 1, column: 1 })
}

function locateInProperties(context: ParseContext, bytes: Uint8Array): LocatedFile {
  const text = decodeLatin1(bytes)
  const values: LocatedValue[] = []
  scanProperties(context, text, ({ key, property, start, end }) => {
    values.push({ key, value: property.value, ...placeIn(property), start, end })
  })
  return { text, values, bytesOf: encodeLatin1 }
}

function locateInYaml(context: ParseContext, bytes: Uint8Array): LocatedFile {
  const text = readText(context, bytes)
  const offsetOf = offsets(text)
  const values: LocatedValue[] = []
  scanYaml(context, text, ({ key, property, written }) => {
    const stretch = written === undefined ? {} : { start: offsetOf(written.start), end: offsetOf(written.end) }
    values.push({ key, value: property.value, ...placeIn(property), ...stretch })
  })
  return { text, values, bytesOf: (changed) => encodeUnicodeLike(bytes, changed) }
}

function placeIn({ origin }: { readonly origin?: { readonly kind: string } }): Place {
  const { line, column } = { line: 1, column: 1, ...origin }
  return { line, column }
}

/** Finds places, whose columns count code points, in a text with the line breaks of YAML 1.1. */
function offsets(text: string): (place: Place) => number {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|[\n\r\x85\u2028\u2029]/g), (found) => found.index + found[0].length)]
  return ({ line, column }) => {
    let offset = starts[line - 1] ?? text.length
    for (let count = 1; count < column; count += 1) offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
    return offset
  }
}
