import { readFileSync } from 'node:fs'
import type { PropertyOrigin, Scalar } from '@carillon/environment'
import { scalarText } from '@carillon/environment'
import { type ParseLimits, parseFile } from '../../../../server/src/resolution/parse/index.js'

/** A property as the vectors show it: key, Java type, text, `line:column`. */
export type Row = readonly [key: string, type: string, text: string, origin: string]

export function readVectors<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')) as readonly T[]
}

export function bytesOf(path: string, text: string): Uint8Array {
  return Buffer.from(text, path.endsWith('.properties') ? 'latin1' : 'utf8')
}

export function rowsOf(path: string, source: string | Uint8Array, limits?: ParseLimits): readonly (readonly Row[])[] {
  const bytes = typeof source === 'string' ? bytesOf(path, source) : source
  return parseFile(path, bytes, limits).map((document) =>
    [...document.properties].map(([key, { value, origin }]) => [key, typeName(value), textOf(value), placeText(origin)]),
  )
}

function typeName(value: Scalar): string {
  if (typeof value === 'bigint') return 'Integer'
  if (typeof value === 'number') return 'Double'
  return typeof value === 'boolean' ? 'Boolean' : 'String'
}

export function textOf(value: Scalar): string {
  return scalarText(value)
}

export function placeText(origin: PropertyOrigin | undefined): string {
  return origin?.kind === 'file' ? `${origin.line}:${origin.column}` : '-'
}
