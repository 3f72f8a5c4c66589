import type { Pairs } from './pairs.js'

/** Lines as `java.util.Properties` reads them, in ASCII: older readers take the file for Latin-1. */
export function propertiesText(pairs: Pairs): string {
  return pairs.map(([name, text]) => `${escapedName(name)}=${escapedText(text)}\n`).join('')
}

const SHORT = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\\', '\\\\'],
])

function escapedName(name: string): string {
  return escaped(name).replace(/[ =:#!]/g, '\\$&')
}

/** A text as it stands behind `key=`. Only spaces at the start would be lost. */
export function escapedText(text: string): string {
  return escaped(text).replace(/^ /, '\\ ')
}

function escaped(text: string): string {
  return text.replace(/[^ -~]|\\/g, (unit) => SHORT.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
