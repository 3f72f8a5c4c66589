import { uniform, uniformKey, variableForms } from '@carillon/environment'
import type { SettingNode } from './nodes.js'

/** Why a key of Spring's is not simply taken. */
export interface Mark {
  readonly kind: 'unsupported' | 'refused'
  readonly reason: string
}

/** Where in the settings document a key leads. */
export interface Route {
  /** Property names and list indexes from the root; an unknown key ends in what is left of its text. */
  readonly path: readonly (string | number)[]
  /** Absent where the schema does not know the key. */
  readonly node?: SettingNode
  readonly mark?: Mark
}

/** How a key is spelled: as Spring's files do, or as an environment variable, which knows neither case nor dashes. */
export interface Spelling {
  readonly kind: 'key' | 'variable'
  /** Keys of maps that files have named, such as `repos.<name>`: variables can only mean these, or one plain word. */
  readonly mapKeys: readonly string[]
}

const MAX_INDEX = 999

/** Leads a key, given as its steps, through the schema. Map keys keep their text; the longest property name that fits is taken. */
export function routeOf(root: SettingNode, steps: readonly string[], spelling: Spelling): Route {
  return descend({ path: [], node: root }, { steps, spelling })
}

type Known = Route & { readonly node: SettingNode }

/** What of a key is still to be led. */
interface Rest {
  readonly steps: readonly string[]
  readonly spelling: Spelling
}

function descend(at: Known, rest: Rest): Route {
  const here = withMark(at)
  const { node } = here
  const { steps } = rest
  if (steps.length === 0) return node.shorthand === undefined ? here : enter(here, node.shorthand, rest)
  if (node.type === 'array') return enterItem(here, rest)
  if (node.type !== 'object') return { path: folded(at.path, steps) }
  const property = longestProperty(node, rest)
  if (property !== undefined) return enter(here, property.name, { ...rest, steps: steps.slice(property.length) })
  return enterMap(here, rest)
}

function enter(at: Known, name: string, rest: Rest): Route {
  const node = at.node.properties?.[name]
  if (node === undefined) throw new Error(`the settings schema has no ${name}`)
  return descend({ ...at, path: [...at.path, name], node }, rest)
}

function enterItem(at: Known, { steps, spelling }: Rest): Route {
  const [index = '', ...after] = steps
  const items = at.node.items
  if (items === undefined || !/^\d{1,9}$/.test(index) || Number(index) > MAX_INDEX) return { path: folded(at.path, steps) }
  return descend({ ...at, path: [...at.path, Number(index)], node: items }, { steps: after, spelling })
}

function enterMap(at: Known, { steps, spelling }: Rest): Route {
  const values = at.node.additionalProperties
  const whole = [...at.path, steps.join('.')]
  if (typeof values !== 'object') return { path: whole }
  if (values.type !== 'object') return withMark({ ...at, path: whole, node: values })
  const named = spelling.kind === 'variable' ? knownMapKey(steps, spelling.mapKeys) : undefined
  const { name, length } = named ?? { name: steps[0] ?? '', length: 1 }
  return descend({ ...at, path: [...at.path, name], node: values }, { steps: steps.slice(length), spelling })
}

function knownMapKey(steps: readonly string[], mapKeys: readonly string[]): { readonly name: string; readonly length: number } | undefined {
  for (let length = steps.length; length > 0; length--) {
    const wanted = steps.slice(0, length).join('')
    const name = mapKeys.find((key) => uniform(key) === wanted)
    if (name !== undefined) return { name, length }
  }
  return undefined
}

function longestProperty(node: SettingNode, { steps, spelling }: Rest): { readonly name: string; readonly length: number } | undefined {
  const names = namesOf(node)[spelling.kind]
  for (let length = steps.length; length > 0; length--) {
    const start = steps.slice(0, length)
    const name = names.get(spelling.kind === 'variable' ? start.join('_') : start.map(uniform).join('.'))
    if (name !== undefined) return { name, length }
  }
  return undefined
}

interface Names {
  readonly key: ReadonlyMap<string, string>
  readonly variable: ReadonlyMap<string, string>
}

const namesCache = new WeakMap<SettingNode, Names>()

function namesOf(node: SettingNode): Names {
  const cached = namesCache.get(node)
  if (cached !== undefined) return cached
  const properties = Object.keys(node.properties ?? {})
  const names: Names = {
    key: new Map(properties.map((name) => [uniformKey(name), name])),
    variable: new Map(properties.flatMap((name) => variableForms(name).map((form) => [form, name] as const))),
  }
  namesCache.set(node, names)
  return names
}

function withMark(at: Known): Known {
  if (at.node.refused !== undefined) return { ...at, mark: { kind: 'refused', reason: at.node.refused } }
  if (at.node.unsupported !== undefined) return { ...at, mark: { kind: 'unsupported', reason: at.node.unsupported } }
  return at
}

/** A key that goes on below a value: its last name takes in all the rest, so that the schema refuses it as a whole. */
function folded(path: readonly (string | number)[], steps: readonly string[]): readonly (string | number)[] {
  const last = path.findLastIndex((step) => typeof step === 'string')
  return [...path.slice(0, last), [...path.slice(last), ...steps].join('.')]
}
