import {
  type Environment,
  formatDouble,
  type Property,
  type PropertyOrigin,
  type PropertySource,
  type Scalar,
  scalarText,
} from '@carillon/environment'
import type { Node } from './nest.js'

/** A nested document as one line of JSON; `text` is applied to each name and each string. Numbers are written as Java writes them. */
export function nestedJson(node: Node | undefined, text: (raw: string) => string): string {
  if (node === undefined) return 'null'
  if (node.kind === 'leaf') return typeof node.value === 'string' ? JSON.stringify(text(node.value)) : scalarJson(node.value)
  if (node.kind === 'list') return `[${Array.from(node.items, (item) => nestedJson(item, text)).join(',')}]`
  let members = ''
  for (const [name, value] of node.entries) members += `,${JSON.stringify(text(name))}:${nestedJson(value, text)}`
  return `{${members.slice(1)}}`
}

/**
 * The answer to an environment request in Spring's order of members: integers exact, doubles as Java prints them, `"NaN"` and `"Infinity"` as strings.
 * In `v2` a value with an origin is `{"value":…,"origin":"line:column"}`.
 */
export function environmentJson(environment: Environment, version: 'v1' | 'v2'): string {
  const { name, profiles, label, version: commit, state, propertySources } = environment
  const head = JSON.stringify({ name, profiles, label, version: commit, state })
  const write = version === 'v1' ? plainValue : valueWithOrigin
  const sources = propertySources.map((source) => sourceJson(source, write))
  return `${head.slice(0, -1)},"propertySources":[${sources.join(',')}]}`
}

function sourceJson({ name, properties }: PropertySource, write: (property: Property) => string): string {
  let members = ''
  for (const [key, property] of properties) members += `,${JSON.stringify(key)}:${write(property)}`
  return `{"name":${JSON.stringify(name)},"source":{${members.slice(1)}}}`
}

function plainValue({ value }: Property): string {
  return scalarJson(value)
}

function valueWithOrigin({ value, origin }: Property): string {
  return origin === undefined ? scalarJson(value) : `{"value":${scalarJson(value)},"origin":${originJson(origin)}}`
}

function originJson(origin: PropertyOrigin): string {
  return origin.kind === 'file' ? `"${origin.line}:${origin.column}"` : JSON.stringify(origin.text)
}

function scalarJson(value: Scalar): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object') return `"${scalarText(value)}"`
  if (typeof value !== 'number') return String(value)
  return Number.isFinite(value) ? formatDouble(value) : `"${value}"`
}
