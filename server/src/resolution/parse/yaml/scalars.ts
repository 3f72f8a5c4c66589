import type { Scalar } from '@carillon/environment'

/** What a scalar without a tag is. */
export type Resolved = { readonly value: Scalar | null; readonly merge: boolean } | 'invalid'

/**
 * What SnakeYAML makes of a plain scalar: YAML 1.1 without timestamps. `invalid` where the text looks like a number (`._`) and is none.
 */
export function resolvePlain(text: string): Resolved {
  if (text === '' || NULLS.has(text)) return plain(null)
  const boolean = BOOLEANS.get(text)
  if (boolean !== undefined) return plain(boolean)
  if (text === '<<') return { value: '<<', merge: true }
  if (!NUMERIC_START.test(text) || text.length > LONGEST_NUMBER) return plain(text)
  if (INTEGER.test(text)) return number(toInteger(text))
  return FLOAT.test(text) ? number(toFloat(text)) : plain(text)
}

/** What an explicit tag (`tag:yaml.org,2002:` and this name) makes of a scalar; `invalid` where it cannot, `undefined` for a tag that is not known. */
export function resolveTagged(name: string, text: string): Resolved | undefined {
  return constructors.get(name)?.(text)
}

function plain(value: Scalar | null): Resolved {
  return { value, merge: false }
}

function number(value: bigint | number | 'invalid'): Resolved {
  return value === 'invalid' ? value : plain(value)
}

const NULLS: ReadonlySet<string> = new Set(['~', 'null', 'Null', 'NULL'])

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

const NUMERIC_START = /^[-+.0-9]/
/** Longer ones are text in SnakeYAML. */
const LONGEST_NUMBER = 1024
const INTEGER = /^[-+]?(?:0b_*[01][01_]*|0_*[0-7][0-7_]*|0|[1-9][0-9_]*(?::[0-5]?[0-9])*|0x_*[0-9a-fA-F][0-9a-fA-F_]*)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** The sign, and the rest without underscores. */
function signed(text: string): { readonly sign: 1 | -1; readonly digits: string } {
  const bare = text.replaceAll('_', '')
  return { sign: bare.startsWith('-') ? -1 : 1, digits: bare.replace(/^[-+]/, '') }
}

function toInteger(text: string): bigint | 'invalid' {
  const { sign, digits } = signed(text)
  if (text.length > LONGEST_NUMBER) return 'invalid'
  const magnitude = digits.includes(':') ? sexagesimal(digits) : parseDigits(digits)
  return magnitude === 'invalid' ? magnitude : BigInt(sign) * magnitude
}

function parseDigits(digits: string): bigint | 'invalid' {
  const octal = /^0[0-9]/.test(digits)
  if (!/^(?:0b[01]+|0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(digits)) return 'invalid'
  return BigInt(octal ? `0o${digits.slice(1)}` : digits)
}

function sexagesimal(digits: string): bigint | 'invalid' {
  const parts = digits.split(':')
  if (!parts.every((part) => /^[0-9]+$/.test(part))) return 'invalid'
  return parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n)
}

function toFloat(text: string): number | 'invalid' {
  const { sign, digits } = signed(text)
  const lower = digits.toLowerCase()
  if (lower === '.inf') return sign * Number.POSITIVE_INFINITY
  if (lower === '.nan') return Number.NaN
  const parts = digits.split(':')
  if (text.length > LONGEST_NUMBER || !parts.every((part) => DECIMAL.test(part))) return 'invalid'
  // Added from the right and in this order, because that is what SnakeYAML rounds.
  let sum = 0
  for (const [index, part] of parts.reverse().entries()) sum += Number(part) * 60 ** index
  return sign * sum
}

const DECIMAL = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['no', 'false', 'off'].map((word) => [word, false] as const),
])

const constructors: ReadonlyMap<string, (text: string) => Resolved> = new Map<string, (text: string) => Resolved>([
  ['str', plain],
  ['null', () => plain(null)],
  ['bool', (text) => plain(WORDS.get(text.toLowerCase()) ?? null)],
  ['int', (text) => number(toInteger(text))],
  ['float', (text) => number(toFloat(text))],
  ['binary', toBytes],
  ['timestamp', toTimestamp],
])

function toBytes(text: string): Resolved {
  const digits = text.replace(/\s/g, '').replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) return 'invalid'
  return plain(Uint8Array.from(atob(digits), (byte) => byte.charCodeAt(0)))
}

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:Z|([-+])(\d\d?)(?::(\d\d)?)?))?)?$/

/** Spring's JSON shows a date as an instant in UTC with milliseconds. */
function toTimestamp(text: string): Resolved {
  const match = TIMESTAMP.exec(text)
  if (match === null) return 'invalid'
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const milliseconds = Math.floor(Number(`0.${match[7] || '0'}`) * 1000)
  const zone = (match[8] === '-' ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0))
  return plain(new Date(Date.UTC(year, month - 1, day, hour, minute - zone, second, milliseconds)).toISOString())
}
