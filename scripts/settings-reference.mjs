/**
 * Writes docs/reference/settings.md from the settings schema. With `--check` it writes nothing, and ends with 1 where the page does not say what the
 * schema says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { root } from './setup.mjs'

const page = join(root, 'docs/reference/settings.md')
const begin = '<!-- Everything below is written by scripts/settings-reference.mjs. -->\n'

/** Titles with the keys that stand below them; the first that fits takes a row. */
const sections = [
  ['The server', /^server\./],
  ['Access, profiles and endpoints', /^(spring\.(security|profiles|config)|management)\b/],
  ['The bus and webhooks', /^spring\.(application|rabbitmq|kafka|ssl|cloud\.(bus|stream|config\.monitor))\b/],
  ['Ciphers', /^((carillon\.)?encrypt|spring\.cloud\.config\.server\.encrypt)\./],
  ['Git', /^spring\.cloud\.config\.server\.git\./],
  ['Native folders', /^spring\.cloud\.config\.server\.native\./],
  ['Several backends', /^spring\.cloud\.config\.server\.composite/],
  ['Every backend', /^spring\.cloud\.config\.server\b/],
  ['Carillon alone', /^carillon\./],
]

const { settingsSchema } = await tsImport('../server/src/settings/schema.ts', import.meta.url)
const written = readFileSync(page, 'utf8')
const [introduction] = written.split(begin)
const wanted = `${introduction}${begin}\n${tables(rowsOf(settingsSchema, ''))}`

if (!process.argv.includes('--check')) writeFileSync(page, wanted)
else if (written !== wanted) {
  console.error('docs/reference/settings.md does not say what the settings schema says: run node scripts/settings-reference.mjs')
  process.exit(1)
}

/** Every key of a node with its node, in the order of the schema. */
function rowsOf(node, key) {
  if (node.unsupported !== undefined || node.refused !== undefined) return [{ key: isOpen(node) ? `${key}.*` : key, node }]
  if (node.type === 'array' && node.items?.type === 'object')
    return [{ key: `${key}[n].type`, node: { ...node, type: 'string', default: undefined } }]
  if (node.type !== 'object') return [{ key, node }]
  const children = Object.entries(node.properties ?? {}).flatMap(([name, child]) => rowsOf(child, key === '' ? name : `${key}.${name}`))
  return [...children, ...mapRows(node, key)]
}

function mapRows({ additionalProperties, description }, key) {
  if (typeof additionalProperties !== 'object') return []
  if (additionalProperties.type !== 'object') return [{ key: `${key}.<key>`, node: { ...additionalProperties, description } }]
  const entry = Object.entries(additionalProperties.properties)
  if (additionalProperties.properties.uri === undefined) return entry.map(([name, node]) => ({ key: `${key}.<name>.${name}`, node }))
  // The keys of a repository stand in the table once: only what an entry adds to them follows.
  const own = entry.filter(([name]) => name === 'pattern' || name === 'name')
  return [
    { key: `${key}.<name>.uri`, node: { type: 'string', description: `${description} Takes the other keys of a repository, too.` } },
    ...own.map(([name, node]) => ({ key: `${key}.<name>.${name}`, node })),
  ]
}

function isOpen(node) {
  return node.type === 'object' && typeof node.additionalProperties === 'object'
}

function tables(rows) {
  const supported = rows.filter(({ node }) => node.unsupported === undefined && node.refused === undefined)
  const texts = sections.map(([title], index) => {
    const mine = supported.filter(({ key }) => sections.findIndex(([, pattern]) => pattern.test(key)) === index)
    return table(title, ['key', 'type', 'default', 'meaning'], mine.map(supportedRow))
  })
  const marked = (mark) => rows.filter(({ node }) => node[mark] !== undefined).map(({ key, node }) => [code(key), escaped(node[mark])])
  return [
    ...texts,
    table('Keys that stop the start', ['key', 'why'], marked('refused')),
    table('Keys that are known and have no effect', ['key', 'why'], marked('unsupported')),
  ].join('\n')
}

function supportedRow({ key, node }) {
  return [code(key), typeOf(node), defaultOf(node), `${escaped(node.description ?? '')}${node.secret ? ' Never printed.' : ''}`]
}

function typeOf({ type, enum: choices, minimum, maximum }) {
  if (choices !== undefined) return choices.map(code).join(', ')
  if (type === 'array') return 'list'
  if (type === 'boolean') return '`true`, `false`'
  if (type !== 'integer') return 'text'
  if (maximum !== undefined) return `${minimum} to ${maximum}`
  return minimum === undefined ? 'whole number' : `whole number from ${minimum}`
}

function defaultOf({ default: value }) {
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  return text === '' ? '' : code(text)
}

function table(title, head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `## ${title}\n\n${lines.join('\n')}\n`
}

function code(text) {
  return `\`${text}\``
}

function escaped(text) {
  return text.replace(/[|*<\\]/g, '\\$&')
}
