import type { Random } from '../random.js'
import type { Entry, Tree } from './tree.js'

/** How a YAML document is written: its indent, and whether it uses anchors and merges. */
export interface YamlStyle {
  readonly indent: number
  readonly anchors: boolean
}

/** One YAML document, with the quotes, blocks and flows that chance chooses. Ends with a line break. */
export const writeYaml = (random: Random, entries: readonly Entry[], style: YamlStyle): string => {
  const body = entries.map((entry) => writeEntry(random, entry, { depth: 0, indent: style.indent })).join('')
  const shared = style.anchors
    ? `shared: &shared\n  low: ${random.below(9)}\n  from: anchor\none: &one ${random.pick(['text', '1.0', 'yes'])}\n`
    : ''
  const users = style.anchors
    ? `merged:\n  ${random.chance(0.5) ? '<<: *shared\n  low: own' : 'low: own\n  <<: *shared'}\nalias: *one\naliases: [*one, *shared]\n`
    : ''
  return shared + body + users
}

/** A text as one scalar of the given nesting; `depth` counts columns. */
const writeText = (random: Random, text: string, depth: number): string => {
  const block = canBeBlock(text) && random.chance(0.7) ? writeBlock(random, text, depth) : undefined
  if (block !== undefined) return block
  const ways = [doubleQuoted(text)]
  if (/^[^\n\r\t\u0000-\u001f\u007f\u0085\u2028\ufeff]*$/.test(text)) ways.push(`'${text.replaceAll("'", "''")}'`)
  if (isPlain(text)) ways.push(text, text)
  if (text.includes(' ') && isPlain(text) && random.chance(0.3)) return foldPlain(text, depth)
  return random.pick(ways)
}

// Plain in block and in flow context; what looks like a number or a word of YAML may stand plain, the reader has to tell.
const isPlain = (text: string): boolean =>
  /^[A-Za-z0-9_/.\\$é(λ][^\n\r\t:#,[\]{}"\u0000-\u001f\u007f\u0085\u2028\ufeff]*$/.test(text) && !/[ ]$|^---|^\.\.\./.test(text)

const foldPlain = (text: string, depth: number): string => text.replace(' ', `\n${' '.repeat(depth + 2)}`)

const canBeBlock = (text: string): boolean => text.includes('\n') && /^[^\r\u0000-\u0008\u007f\u0085\u2028\ufeff]*$/.test(text)

const writeBlock = (random: Random, text: string, depth: number): string => {
  const trailing = /\n*$/.exec(text)?.[0].length ?? 0
  const chomp = trailing === 0 ? '-' : trailing === 1 ? '' : '+'
  const lines = text.slice(0, trailing > 0 ? -1 : undefined).split('\n')
  const header = `${random.chance(0.75) ? '|' : '>'}${/^[ \n]/.test(text) ? '2' : ''}${chomp}`
  return `${header}\n${lines.map((line) => (line === '' ? '' : ' '.repeat(depth + 2) + line)).join('\n')}`
}

const doubleQuoted = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
    .replace(/[\u0000-\u001f\u007f\u0085\u2028\ufeff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`

const writeKey = (random: Random, { key, spelling }: Entry): string => {
  if (spelling !== undefined) return spelling
  if (/^[A-Za-z][\w.-]*$/.test(key) && !/^(yes|no|on|off|true|false|null|y|n)$/i.test(key))
    return random.chance(0.9) ? key : doubleQuoted(key)
  return doubleQuoted(key)
}

/** Where a value is written. */
interface Column {
  readonly depth: number
  readonly indent: number
}

const writeEntry = (random: Random, entry: Entry, at: Column): string => {
  const head = `${' '.repeat(at.depth)}${writeKey(random, entry)}:`
  return head + writeValue(random, entry.value, at)
}

// What follows a key: on its line, or on the lines below it. Ends with a line break.
const writeValue = (random: Random, value: Tree, at: Column): string => {
  const { depth, indent } = at
  if (value.kind === 'plain') return value.spelling === '' ? '\n' : ` ${value.spelling}${random.chance(0.1) ? ' # why' : ''}\n`
  if (value.kind === 'text') return ` ${writeText(random, value.text, depth)}\n`
  if (isFlow(random, value)) return ` ${writeFlow(random, value)}\n`
  if (value.kind === 'map')
    return `\n${value.entries.map((entry) => writeEntry(random, entry, { depth: depth + indent, indent })).join('')}`
  const inner = random.chance(0.5) ? depth : depth + indent
  return `\n${value.items.map((item) => writeItem(random, item, { depth: inner, indent })).join('')}`
}

const writeItem = (random: Random, item: Tree, at: Column): string => {
  const { depth, indent } = at
  const dash = `${' '.repeat(depth)}-`
  if (item.kind !== 'map' || item.entries.length === 0 || random.chance(0.2))
    return dash + (item.kind === 'list' && item.items.length > 0 ? ` ${writeFlow(random, item)}\n` : writeValue(random, item, at))
  const [first, ...rest] = item.entries.map((entry) => writeEntry(random, entry, { depth: depth + 2, indent }))
  return `${dash} ${(first ?? '').trimStart()}${rest.join('')}`
}

const isFlow = (random: Random, value: Tree): boolean =>
  (value.kind === 'list' && (value.items.length === 0 || random.chance(0.25))) ||
  (value.kind === 'map' && (value.entries.length === 0 || random.chance(0.2)))

const writeFlow = (random: Random, value: Tree): string => {
  switch (value.kind) {
    case 'plain':
      return /^[\w.+~-]*$/.test(value.spelling) && value.spelling !== '' ? value.spelling : "'flow'"
    case 'text':
      return doubleQuoted(value.text)
    case 'list':
      return `[${value.items.map((item) => writeFlow(random, item)).join(', ')}]`
    case 'map':
      return `{${value.entries.map((entry) => `${writeKey(random, entry)}: ${writeFlow(random, entry.value)}`).join(', ')}}`
  }
}
