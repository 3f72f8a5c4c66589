import type { KeyStep } from '@carillon/environment'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { idOf, isIndex } from './key-tree.js'
import type { LocalValue } from './known.js'
import { type LocalName, localStep } from './local-names.js'
import type { Spellings } from './view.js'

/** What a schema asked for that the values have in another spelling, or that only arguments and variables have. */
export interface Asked {
  readonly spellings: Spellings
  readonly locals: readonly LocalValue[]
}

/** What was asked of one object. */
interface Notes {
  readonly names: Map<string, string>
  readonly below: Map<string, Notes>
  /** What only arguments and variables have. */
  readonly local: Map<string, { readonly name: LocalName; readonly notes: Notes }>
}

interface Spot {
  readonly target: object
  readonly name: LocalName | undefined
  readonly notes: Notes
}

/**
 * Lets a schema look at the values through a proxy and notes what it asks for: no schema library tells what it knows, but each reads it. `values` is used up.
 * A schema that cannot bear the proxy has at least asked until then.
 */
export async function probe(schema: StandardSchemaV1, values: unknown, name: LocalName | undefined): Promise<Asked> {
  const notes = createNotes()
  if (isObject(values)) {
    try {
      await schema['~standard'].validate(proxyOf({ target: values, name, notes }))
    } catch {
      // The check of the real values tells
    }
  }
  return { spellings: notes, locals: localsOf(notes, []) }
}

function createNotes(): Notes {
  return { names: new Map(), below: new Map(), local: new Map() }
}

function proxyOf(spot: Spot): object {
  const { target } = spot
  const made = new Map<string, unknown>()
  const ownName = ownNames(target)
  const valueAt = (name: string): unknown => {
    if (!made.has(name)) made.set(name, answer(spot, name, ownName(name)))
    return made.get(name)
  }
  const isOurs = (name: string | symbol): name is string =>
    typeof name === 'string' && (ownName(name) !== undefined || (!(name in target) && localOf(spot, name) !== undefined))
  return new Proxy(target, {
    get: (_, name, receiver) => (isOurs(name) ? valueAt(name) : Reflect.get(target, name, receiver)),
    has: (_, name) => (isOurs(name) ? valueAt(name) !== undefined : Reflect.has(target, name)),
    getOwnPropertyDescriptor: (_, name) => {
      const own = Reflect.getOwnPropertyDescriptor(target, name)
      // What is fixed must be told as it is: the length of a list
      if (!isOurs(name) || own?.configurable === false) return own
      return { value: valueAt(name), writable: true, enumerable: true, configurable: true }
    },
    set: (_, name, value) => {
      if (typeof name === 'string') made.set(name, value)
      return Reflect.set(target, name, value)
    },
  })
}

/** The own name that is meant by a name in any spelling. */
function ownNames(target: object): (name: string) => string | undefined {
  let byId: Map<string, string> | undefined
  return (name) => {
    if (Array.isArray(target)) return isIndex(name) && Object.hasOwn(target, name) ? name : undefined
    if (Object.hasOwn(target, name)) return name
    if (name in target) return undefined
    byId ??= new Map(Object.keys(target).map((own) => [idOf(own), own]))
    return byId.get(idOf(name))
  }
}

/** What arguments and variables have for a name; lists are made whole or not at all. */
function localOf({ target, name }: Spot, step: string): LocalName | undefined {
  return Array.isArray(target) ? undefined : localStep(name, step)
}

function answer(spot: Spot, asked: string, own: string | undefined): unknown {
  const { target, name, notes } = spot
  if (own === undefined) return localAnswer(spot, asked)
  if (own !== asked && !notes.names.has(own)) notes.names.set(own, asked)
  const value: unknown = Reflect.get(target, own)
  const local = localStep(name, own)
  // An empty text may be an empty map or list, which hides nothing
  if ((value === '' || value === undefined) && local !== undefined && (local.next.size > 0 || value === undefined))
    return localAnswer(spot, own)
  if (!isObject(value)) return value
  // Strict schemas look again, by the name that it has
  const below = notes.below.get(own) ?? createNotes()
  notes.below.set(own, below)
  return proxyOf({ target: value, name: local, notes: below })
}

function localAnswer({ name, notes }: Spot, step: string): unknown {
  const local = localStep(name, step)
  if (local === undefined) return undefined
  const below = createNotes()
  notes.local.set(step, { name: local, notes: below })
  if (local.next.size === 0) return textOf(local)
  return proxyOf({ target: local.next.has('0') ? new Array(lengthOf(local)).fill(undefined) : {}, name: local, notes: below })
}

function textOf({ texts: [first] }: LocalName): string | undefined {
  return first?.bare ? 'true' : first?.value
}

function lengthOf({ next }: LocalName): number {
  let length = 0
  while (next.has(String(length))) length++
  return length
}

/** A name with others below it counts as a text only where nothing below was asked for: `REDIS` beside `REDIS_URL`. */
function localsOf({ local, below }: Notes, steps: readonly KeyStep[]): readonly LocalValue[] {
  const stepsTo = (step: string): readonly KeyStep[] => [...steps, { text: step, bracketed: /[.[\]]/.test(step) }]
  return [
    ...[...local].flatMap(([step, { name, notes }]) => {
      const found = localsOf(notes, stepsTo(step))
      return found.length > 0 || name.texts.length === 0 ? found : [{ steps: stepsTo(step), texts: name.texts }]
    }),
    ...[...below].flatMap(([step, notes]) => localsOf(notes, stepsTo(step))),
  ]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
