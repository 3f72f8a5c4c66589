import { MASK, maskSecrets, soundsSecret } from '@carillon/environment'
import { keyOf } from './document.js'
import type { Entry } from './layers.js'
import { pointerOf } from './merge.js'
import type { SettingNode } from './nodes.js'

/** One setting as people see it: its key, its value with secrets masked, and who said so. */
export interface SettingProvenance {
  readonly key: string
  readonly value: string
  /** `default`, `carillon.yml:12:5`, `environment variable SERVER_PORT`, `--port`, `REPO`. */
  readonly source: string
}

type Path = readonly (string | number)[]

/** Every setting of a document in the order of the schema. Defaults inside `repos` are left out, they are the same for each. */
export function provenanceOf(schema: SettingNode, document: unknown, entries: ReadonlyMap<string, Entry>): readonly SettingProvenance[] {
  const rows = (node: SettingNode, value: unknown, path: Path): readonly SettingProvenance[] => {
    if (value === undefined) return []
    if (isParent(node)) return childrenOf(node, value).flatMap(([step, child, item]) => rows(child, item, [...path, step]))
    const entry = entries.get(pointerOf(path)) ?? entries.get(pointerOf([...path, 0]))
    if (entry === undefined && path.includes('repos')) return []
    return [{ key: keyOf(path), value: entry?.secret ? MASK : shown(node, value, path), source: entry?.place ?? 'default' }]
  }
  return rows(schema, document, [])
}

/** A table with one line a setting: key, value, source. */
export function printTable(rows: readonly SettingProvenance[]): string {
  const table = [{ key: 'KEY', value: 'VALUE', source: 'FROM' }, ...rows]
  const widthOf = (column: 'key' | 'value'): number => Math.min(100, Math.max(...table.map((row) => row[column].length)))
  const [key, value] = [widthOf('key'), widthOf('value')]
  return `${table.map((row) => `${row.key.padEnd(key)}  ${row.value.padEnd(value)}  ${row.source}`.trimEnd()).join('\n')}\n`
}

function isParent(node: SettingNode): boolean {
  return node.type === 'object' || (node.type === 'array' && node.items?.type === 'object')
}

function childrenOf(node: SettingNode, value: unknown): readonly (readonly [string | number, SettingNode, unknown])[] {
  if (Array.isArray(value) && node.items !== undefined) {
    const { items } = node
    return value.map((item, index) => [index, items, item] as const)
  }
  const properties = node.properties ?? {}
  const values = value as Readonly<Record<string, unknown>>
  const known = Object.keys(properties).filter((name) => Object.hasOwn(values, name))
  const others = typeof node.additionalProperties === 'object' ? Object.keys(values).filter((name) => !Object.hasOwn(properties, name)) : []
  return [...known, ...others].flatMap((name) => {
    const child = Object.hasOwn(properties, name) ? properties[name] : node.additionalProperties
    return typeof child === 'object' ? [[name, child, values[name]] as const] : []
  })
}

function shown(node: SettingNode, value: unknown, path: Path): string {
  if (node.secret || (path.length === 2 && soundsSecret(String(path[1])))) return MASK
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return text === '' ? '""' : maskSecrets(text).replace(/\s*\n\s*/g, ' ')
}
