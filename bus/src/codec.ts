import { randomUUID } from 'node:crypto'
import { BusError } from './errors.js'
import { type BusEvent, type KnownKind, type Making, type Received, TYPE_NAMES, type UnknownEvent } from './event.js'

/** What can be sent: an unknown event only ever comes in. */
export type SendableEvent = Exclude<BusEvent, UnknownEvent>

/** The members of a JSON object from outside; a `__proto__` in it is a member like any other. */
type Members = ReadonlyMap<string, unknown>

const KINDS: ReadonlyMap<string, KnownKind> = new Map(Object.entries(TYPE_NAMES).map(([kind, name]) => [name, kind as KnownKind]))

/** Spring's JSON in UTF-8, as recorded: `type` first, then its members by name, and nothing of ours. */
export function encode(event: SendableEvent): Uint8Array {
  const { id, originService, destinationService, timestamp } = event
  const common = { type: TYPE_NAMES[event.kind], destinationService, id, originService, timestamp }
  return Buffer.from(JSON.stringify(bodyOf(event, common)))
}

function bodyOf(event: SendableEvent, { type, ...common }: Readonly<Record<string, unknown>>): unknown {
  switch (event.kind) {
    case 'refresh':
    case 'shutdown':
      return { type, ...common }
    case 'environment-change':
      return { type, ...common, values: Object.fromEntries(event.values) }
    case 'ack': {
      const { ackDestinationService, ackId } = event
      const { destinationService, ...rest } = common
      return { type, ackDestinationService, ackId, destinationService, event: event.event, ...rest }
    }
    default:
      return event satisfies never
  }
}

/**
 * Reads Spring's JSON: members in any order, unknown ones ignored, a missing id made up, a missing or ISO time understood; a type that is not
 * one of Spring's simple names gives an unknown event. Throws BusError `unreadable-message`, which quotes nothing of the message.
 */
export function decode(bytes: Uint8Array, { clock = Date.now, newId = randomUUID }: Making = {}): BusEvent {
  const members = parse(bytes)
  const type = required(members, 'type')
  const kind = KINDS.get(type)
  if (kind === undefined) return strangerOf(members, { type, id: newId(), timestamp: clock() })
  const common = {
    id: textOf(members, 'id') ?? newId(),
    timestamp: millisecondsOf(members.get('timestamp')) ?? clock(),
    originService: required(members, 'originService'),
    destinationService: textOf(members, 'destinationService'),
  }
  switch (kind) {
    case 'refresh':
    case 'shutdown':
      return { kind, ...common }
    case 'environment-change':
      return { kind, ...common, values: valuesOf(members) }
    case 'ack':
      return {
        kind,
        ...common,
        ackId: textOf(members, 'ackId'),
        ackDestinationService: textOf(members, 'ackDestinationService'),
        event: textOf(members, 'event'),
      }
    default:
      return kind satisfies never
  }
}

function parse(bytes: Uint8Array): Members {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's message quotes the text, which may hold a secret.
    throw unreadable('bytes that are not JSON in UTF-8')
  }
  return membersOf(json) ?? fail(`JSON that is ${kindOf(json)}`)
}

function membersOf(json: unknown): Members | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? new Map(Object.entries(json)) : undefined
}

/** Like Jackson, takes a number or a boolean for its text. */
function textOf(members: Members, name: string): Received {
  const value = members.get(name)
  if (value === undefined || value === null) return value
  return scalarText(value) ?? fail(`an event whose ${name} is ${kindOf(value)}, expected text`)
}

function required(members: Members, name: string): string {
  return textOf(members, name) ?? fail(`a JSON object without ${name}`)
}

/** Whatever a stranger's event says of itself, as far as it can be read. */
function strangerOf(members: Members, { type, id, timestamp }: Pick<UnknownEvent, 'type' | 'id' | 'timestamp'>): UnknownEvent {
  return {
    kind: 'unknown',
    type,
    id: scalarText(members.get('id')) ?? id,
    timestamp: millisecondsOf(members.get('timestamp')) ?? timestamp,
    originService: scalarText(members.get('originService')) ?? '',
    destinationService: scalarText(members.get('destinationService')),
  }
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Flat keys and texts. A value that is `null` sets nothing. */
function valuesOf(members: Members): ReadonlyMap<string, string> {
  const values = membersOf(members.get('values')) ?? fail('an environment change without an object of values')
  const texts = new Map<string, string>()
  for (const [key, value] of values) {
    if (value === null) continue
    texts.set(key, scalarText(value) ?? fail(`an environment change with a value that is ${kindOf(value)}, expected text`))
  }
  return texts
}

const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/

/** Milliseconds from a number, its text, or ISO text (UTC where it names no zone); `undefined` for anything else. */
function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) || 0 : undefined
  if (typeof value !== 'string') return undefined
  if (/^-?\d{1,15}$/.test(value)) return Number(value) || 0
  const iso = ISO.exec(value)
  if (!iso) return undefined
  const zone = iso[1]
  const local = zone === undefined ? value : value.slice(0, -zone.length)
  const parsed = Date.parse(`${local.replace(',', '.')}${local.includes('T') ? fullZone(zone) : ''}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

/** `+0100` and `+01` are ISO too, but `Date.parse` asks for `+01:00`. */
function fullZone(zone = 'Z'): string {
  if (zone === 'Z') return zone
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function fail(got: string): never {
  throw unreadable(got)
}

function unreadable(got: string): BusError {
  return new BusError('unreadable-message', `Got ${got}, expected a bus event`)
}
