import type { Json } from '@carillon/client'
import { isList } from './pairs.js'

/** A value as a YAML document that readers of YAML 1.1 and 1.2 understand alike: what is not plainly a text stands in double quotes. */
export function yamlText(value: Json): string {
  return isBranch(value) ? block(value, '') : `${leaf(value)}\n`
}

/** A text of a YAML document. */
export function yamlScalar(text: string): string {
  return isPlain(text) ? text : doubleQuoted(text)
}

/** A text in double quotes, for places where a number or `yes` has to stay a text for every reader. */
export function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

type Branch = readonly Json[] | { readonly [key: string]: Json }

function block(branch: Branch, indent: string): string {
  if (isList(branch))
    return branch.map((item) => `${indent}- ${isBranch(item) ? block(item, `${indent}  `).trimStart() : `${leaf(item)}\n`}`).join('')
  return Object.entries(branch)
    .map(([key, value]) => `${indent}${yamlScalar(key)}:${isBranch(value) ? `\n${block(value, `${indent}  `)}` : ` ${leaf(value)}\n`}`)
    .join('')
}

function leaf(value: Json): string {
  if (typeof value === 'string') return yamlScalar(value)
  // YAML 1.1 has numbers with an exponent only after a point.
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e')
  return JSON.stringify(value)
}

function isBranch(value: Json): value is Branch {
  return value !== null && typeof value === 'object' && Object.keys(value).length > 0
}

/** Begins with a letter, has nothing that could mean anything, and is no word for true, false, null or a number. */
function isPlain(text: string): boolean {
  return /^[A-Za-z][\w ./@-]*$/.test(text) && !text.endsWith(' ') && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text)
}
