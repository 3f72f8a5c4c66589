import { randomUUID } from 'node:crypto'

/** A text as it was received: absent and `null` are two things, because Spring tells them apart. */
export type Received = string | null | undefined

interface EventFields {
  /** A UUID; the same event delivered twice has the same. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** The bus id of the sender. */
  readonly originService: string
  /** A pattern over bus ids; `null` and blank text mean everybody, an absent one nobody. */
  readonly destinationService: Received
}

/** "Look again": read the configuration anew. */
export interface RefreshEvent extends EventFields {
  readonly kind: 'refresh'
}

/** Values that each receiver puts over its own environment. */
export interface EnvironmentChangeEvent extends EventFields {
  readonly kind: 'environment-change'
  readonly values: ReadonlyMap<string, string>
}

/** What an instance answers to an event that was meant for it. */
export interface AckEvent extends EventFields {
  readonly kind: 'ack'
  /** The id and the destination of the event that is answered. */
  readonly ackId: Received
  readonly ackDestinationService: Received
  /** The Java class name of the event that is answered. */
  readonly event: Received
}

/** Asks instances to end. Carillon reads it, acknowledges it as Spring does, and does not end. */
export interface ShutdownEvent extends EventFields {
  readonly kind: 'shutdown'
}

/** An event of a type that only others know. Never applied, never acknowledged. */
export interface UnknownEvent extends EventFields {
  readonly kind: 'unknown'
  readonly type: string
}

export type BusEvent = RefreshEvent | EnvironmentChangeEvent | AckEvent | ShutdownEvent | UnknownEvent

/** The kinds that have a name in Spring. */
export type KnownKind = Exclude<BusEvent['kind'], 'unknown'>

/** Where time and ids come from. */
export interface Making {
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly newId?: () => string
}

/** Who sends an event, and to whom: `destinationService` is taken as it is, see `normalizeDestination`. */
export interface Addresses {
  readonly originService: string
  readonly destinationService: string
}

const PACKAGE = 'org.springframework.cloud.bus.event'

/** Spring's simple class names: the member `type` on the wire. */
export const TYPE_NAMES: Readonly<Record<KnownKind, string>> = {
  refresh: 'RefreshRemoteApplicationEvent',
  'environment-change': 'EnvironmentChangeRemoteApplicationEvent',
  ack: 'AckRemoteApplicationEvent',
  shutdown: 'ShutdownRemoteApplicationEvent',
}

/** The Java class name that an ack names in its member `event`, such as `org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent`. */
export function classNameOf(kind: BusEvent['kind']): string {
  return `${PACKAGE}.${kind === 'unknown' ? 'UnknownRemoteApplicationEvent' : TYPE_NAMES[kind]}`
}

/** A refresh from `originService` to the bus ids that `destinationService` matches. */
export function refreshEvent(addresses: Addresses, making: Making = {}): RefreshEvent {
  return { kind: 'refresh', ...fresh(addresses, making) }
}

/** An environment change; `values` are flat keys and their texts. */
export function environmentChangeEvent(
  { values, ...addresses }: Addresses & Pick<EnvironmentChangeEvent, 'values'>,
  making: Making = {},
): EnvironmentChangeEvent {
  return { kind: 'environment-change', ...fresh(addresses, making), values: new Map(values) }
}

/** The ack of `acknowledged`, with its id, destination and class name as recorded from Spring. */
export function ackEvent({ acknowledged, ...addresses }: Addresses & { readonly acknowledged: BusEvent }, making: Making = {}): AckEvent {
  return {
    kind: 'ack',
    ...fresh(addresses, making),
    ackId: acknowledged.id,
    ackDestinationService: acknowledged.destinationService,
    event: classNameOf(acknowledged.kind),
  }
}

function fresh({ originService, destinationService }: Addresses, { clock = Date.now, newId = randomUUID }: Making) {
  return { id: newId(), timestamp: clock(), originService, destinationService }
}
