import { parseKey } from '@carillon/environment'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { reuse } from '../changes.js'
import { check } from './check.js'
import { placeOf } from './covered.js'
import { createExplain } from './explain.js'
import { createFill, type Fill } from './fill.js'
import { findValue } from './find.js'
import { deepFreeze } from './freeze.js'
import { addEntry, childAt, createKeyTree, entryBelow, type KeyNode, type KeyTree, keyOfSteps, nodeAt, originOf } from './key-tree.js'
import { addLocals, knownLocals, type LocalRanks } from './known.js'
import { type LocalName, localNames, localPath } from './local-names.js'
import { type OnLost, tellOfLost } from './lost.js'
import { mergeTree, type Shape } from './merge.js'
import { nearestPaths } from './nearest.js'
import { heldBackKeys, keepPinned } from './pinned.js'
import { probe } from './probe.js'
import type { Layer, Local, Resolved, Resolving } from './resolved.js'
import { nest, type Spellings, type View, viewOf } from './view.js'
import { createWarnings, type WarningList } from './warnings.js'

/** What stays the same while values are put together. */
interface Work {
  readonly tree: KeyTree
  readonly ranks: LocalRanks
  readonly names: LocalName
  readonly local: Local
  readonly warnings: WarningList
  readonly prefix: string
  readonly schema: StandardSchemaV1 | undefined
  readonly lost: OnLost
  readonly previous: unknown
}

/** Merged and filled in, and how the schema spells it. */
interface Settled {
  readonly view: View
  readonly fill: Fill
  readonly spellings?: Spellings | undefined
}

/**
 * Merges layers, arguments and variables, fills in placeholders and lets the schema check the result. Throws ConfigError 'placeholder',
 * 'undecipherable' and 'invalid'; what is only odd is in `warnings`.
 */
export async function resolve({ layers, local, schema, prefix = '', pinned, previous, lost = 'refuse' }: Resolving): Promise<Resolved> {
  const warnings = createWarnings()
  const work: Work = { ...treeOf(layers, { local, warnings }), names: localNames(local), local, warnings, prefix, schema, lost, previous }
  addLocals(work.tree, knownLocals(work.tree, work.names, work.ranks), work)
  let settled = await settleFor(work)
  const heldBack = pinned === undefined ? [] : heldBackKeys(settled.view.flat, pinned)
  if (pinned !== undefined && heldBack.length > 0) {
    keepPinned(work.tree, pinned)
    const fresh = settle(work)
    settled = { ...fresh, spellings: (await ask(work, fresh))?.spellings }
  }
  tellOfLost(settled.view.lost, work)
  return resolvedOf(work, settled, heldBack)
}

/** Settles, and once more with the arguments and variables that only the schema knows. */
async function settleFor(work: Work): Promise<Settled> {
  const settled = settle(work)
  const asked = await ask(work, settled)
  if (asked === undefined) return settled
  if (asked.locals.length === 0) return { ...settled, spellings: asked.spellings }
  const above = parseKey(work.prefix)
  addLocals(
    work.tree,
    asked.locals.map((each) => ({ ...each, steps: [...above, ...each.steps] })),
    work,
  )
  return { ...settle(work), spellings: asked.spellings }
}

function settle({ tree, names, local, warnings }: Work): Settled {
  const merged = mergeTree(tree, warnings)
  const fill = createFill({ tree, merged, names, env: local.env, warnings })
  return { view: viewOf(tree, merged, fill), fill }
}

async function ask(work: Work, { view }: Settled): Promise<Awaited<ReturnType<typeof probe>> | undefined> {
  const { schema, prefix, names } = work
  return schema && probe(schema, nest(shapeAt(work, view), view), prefix === '' ? names : localPath(names, prefix))
}

async function resolvedOf(work: Work, { view, fill, spellings }: Settled, heldBack: readonly string[]): Promise<Resolved> {
  const { tree, names, schema, warnings, prefix, previous } = work
  const nested = nest(shapeAt(work, view), view, spellings)
  const fresh = deepFreeze(schema === undefined ? nested : await check({ schema, values: nested, placeAt: placeIn(work) }))
  const values = reuse(previous, fresh)
  const full = (path: string): string => (prefix === '' ? path : path.startsWith('[') ? `${prefix}${path}` : `${prefix}.${path}`)
  const elsewhere = (path: string): { readonly value: unknown } | undefined => {
    if (nodeAt(tree, full(path)) !== undefined) return undefined
    const [text] = localPath(names, full(path))?.texts ?? []
    const { kind, source, value } = text ?? { kind: 'env' as const, source: '', value: undefined }
    return value === undefined ? undefined : { value: fill({ rank: 0, key: source, value, from: { kind, source } }) }
  }
  return {
    values,
    flat: view.flat,
    explain: createExplain({ tree, view, fill }),
    find: (path) => findValue(values, path) ?? elsewhere(path),
    nearest: (path) => nearestPaths(values, path),
    heldBack,
    warnings: warnings.list(),
  }
}

/** The layers, strongest first, with places left for arguments and variables. */
function treeOf(layers: readonly Layer[], { local, warnings }: Pick<Work, 'local' | 'warnings'>): Pick<Work, 'tree' | 'ranks'> {
  const tree = createKeyTree()
  const firstDefault = layers.findIndex(({ kind }) => kind === 'default')
  const announced = layers.filter(({ kind }) => kind === 'bus').length
  const arg = local.place === 'over-remote' ? announced : firstDefault < 0 ? layers.length : firstDefault
  for (const [index, layer] of layers.entries()) addLayer(tree, { layer, rank: index < arg ? index : index + 2 }, warnings)
  for (const [key, [entry]] of tree.inert)
    if (entry) warnings.add(`${JSON.stringify(key)} of ${entry.from.source} is in flat() alone: no object can hold it`)
  return { tree, ranks: { arg, env: arg + 1 } }
}

function addLayer(tree: KeyTree, { layer, rank }: { readonly layer: Layer; readonly rank: number }, warnings: WarningList): void {
  const { kind, source, commit, properties } = layer
  const from = commit === undefined ? { kind, source } : { kind, source, commit }
  for (const [key, { value, line, column, lost }] of properties) {
    const other = addEntry(tree, { rank, key, value, from, line, column, lost })
    if (other !== undefined) warnings.add(`${placeOf(other)} and ${key} are one property; the first one counts`)
  }
}

function shapeAt({ tree, prefix }: Pick<Work, 'tree' | 'prefix'>, { merged }: View): Shape | undefined {
  const node = nodeAt(tree, prefix)
  return node && merged.shapes.get(node)
}

/** Where the value at a path of the schema was given. */
function placeIn({ tree, prefix }: Work): (path: readonly string[]) => { readonly key: string; readonly place?: string } {
  return (path) => {
    const steps = [...parseKey(prefix), ...path.map((text) => ({ text, bracketed: /[.[\]]/.test(text) }))]
    let node: KeyNode | undefined = tree.root
    for (const step of steps) node = node && childAt(node, step)
    const rank = node?.ranks[0]
    const entry = node === undefined || rank === undefined ? undefined : entryBelow(node, rank)
    if (entry === undefined) return { key: keyOfSteps(steps) || 'the configuration' }
    const { source, line, column } = originOf(entry)
    return { key: keyOfSteps(steps) || 'the configuration', place: line === undefined ? source : `${source}:${line}:${column ?? 1}` }
  }
}
