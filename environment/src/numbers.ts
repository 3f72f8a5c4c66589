import type { Scalar } from './types.js'

/** A double as Java's `Double.toString` writes it, with the shortest digits that read back: `1.0`, `1.0E10`, `1.0E-5`, `-0.0`, `NaN`, `Infinity`. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-3 && size < 1e7)) return withFraction(String(value))
  const [digits = '', exponent = ''] = twoDigits(value).split('e')
  return `${withFraction(digits)}E${exponent.replace('+', '')}`
}

/** A value as Java's `String.valueOf` writes it: what a `.properties` answer and a placeholder show. Bytes are base64, as in Spring's JSON. */
export function scalarText(value: Scalar): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object') return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(''))
  return typeof value === 'number' ? formatDouble(value) : String(value)
}

/** The shortest digits that read back, but at least two, and of two the nearer pair: the smallest double is `4.9E-324`. */
function twoDigits(value: number): string {
  const shortest = value.toExponential()
  const pair = value.toExponential(1)
  return shortest.includes('.') || Number(pair) !== value ? shortest : pair
}

function withFraction(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`
}
