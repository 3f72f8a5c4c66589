import type { Random } from '../random.js'
import { anyText } from './scalars.js'
import type { Entry, Tree } from './tree.js'
import type { Words } from './words.js'

/** The entries as flat lines of a `.properties` file, with the separators, escapes and continuations that chance chooses. */
export const writeProperties = (random: Random, entries: readonly Entry[], words: Words): string => {
  const separator = random.pick(['=', ' = ', ': ', ':', ' ', '='])
  const lines = entries
    .flatMap(({ key, value }) => flatten(key, value))
    .map(([key, text]) => escapeKey(key) + separator + escapeValue(random, text))
  if (words.flavours.has('lists') && random.chance(0.5))
    lines.push(random.pick(['hosts[]=x,y', 'db.roles[]=one', 'hosts[1]=only second', 'hosts[0]=zero']))
  if (words.flavours.has('bytes')) lines.push(...random.some(oddLines, 1 + random.below(4)))
  lines.splice(random.below(lines.length + 1), 0, random.pick(['# a comment', '! another', '', '   ', '  # indented']))
  return lines.map((line) => `${line}\n`).join('')
}

/** The entries as Java's XML properties. */
export const writeXml = (random: Random, entries: readonly Entry[], words: Words): string => {
  const rows = entries
    .flatMap(({ key, value }) => flatten(key, value))
    .filter(([key, text]) => !/[\u0000-\u0008\u000b-\u001f\ufeff]/.test(key + text))
    .map(([key, text]) => `  <entry key="${escapeXml(key)}">${escapeXml(text)}</entry>\n`)
  const extra = random.chance(0.3)
    ? `  <entry key="cdata"><![CDATA[<${anyText(random, words).replace(/[^\w ${}:]/g, '')}>]]></entry>\n`
    : ''
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">\n<properties>\n${random.chance(0.5) ? '  <comment>why</comment>\n' : ''}${rows.join('')}${extra}</properties>\n`
}

const oddLines = [
  'bare',
  'bare.separator=',
  '   indented.key = v',
  'trailing = blanks  ',
  'unicode = \\u00e9\\u4e2d',
  'raw = é',
  'escaped\\ key = v',
  'escaped\\:colon\\=equals = v',
  'octal = \\101\\q',
  'continued = one \\\n   two \\\n\tthree',
  'continued.comment = a\\\n# not a comment',
  'twice = 1\ntwice = 2',
  '=novalue',
  'form\\ffeed = \\f',
  'windows = C:\\\\dir\\\\x',
  'tabbed\tvalue',
  'double = = v',
  'surrogate = \\uD83C\\uDF89',
]

/** The flat pairs of a value, as a person would write them in a `.properties` file. */
const flatten = (key: string, value: Tree): [string, string][] => {
  switch (value.kind) {
    case 'plain':
      return [[key, value.spelling]]
    case 'text':
      return [[key, value.text]]
    case 'list':
      return value.items.flatMap((item, index) => flatten(`${key}[${index}]`, item))
    case 'map':
      return value.entries.flatMap((entry) => flatten(`${key}.${entry.key}`, entry.value))
  }
}

const escapeKey = (key: string): string => key.replace(/[\\ :=#!\t]/g, '\\$&').replace(/[^\u0020-\u007e\\]/g, asUnicode)

const escapeValue = (random: Random, text: string): string => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replace(/^ /, '\\ ')
  const safe = random.chance(0.5) ? escaped : escaped.replace(/[\u0080-\uffff]/g, asUnicode)
  return random.chance(0.1) ? safe.replace(' ', ' \\\n    ') : safe
}

const asUnicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
