import { randomBytes } from 'node:crypto'
import {
  type AckEvent,
  type Bus,
  busId,
  continueTrace,
  environmentChangeEvent,
  type MessageInfo,
  normalizeDestination,
  openBus,
  refreshEvent,
  startTrace,
  type Trace,
  type TraceIds,
  type Transport,
  type TransportOptions,
  type TransportState,
} from '@carillon/bus'
import type { BusSettings } from '../settings/settings.js'

/** An event of another server or instance that names what it is about. */
export interface Overheard {
  readonly label: string
  readonly commits: readonly string[]
  readonly trace?: Trace
}

export interface RingOptions {
  readonly settings: BusSettings
  /** The port that this server listens on: the middle of its bus id. */
  readonly port: number
  readonly openTransport: (url: string, options: TransportOptions) => Transport
  readonly onOverheard: (event: Overheard) => void
  readonly onAck: (ack: AckEvent, info: MessageInfo) => void
  readonly onState: (state: TransportState) => void
  readonly onTrouble: (error: Error) => void
  /** The broker has an event of this server. */
  readonly onPublished: (event: PublishedEvent) => void
  readonly ids?: TraceIds
}

type PublishedEvent = 'refresh' | 'environment-change'

/** This server's place on the bus. */
export interface Ring {
  readonly id: string
  /**
   * Tells the instances that a destination means to look again; rejects while the broker is away. `undefined` means all. `trace` is that of the cause: the
   * event is a step of it, or begins one.
   */
  readonly refresh: (destination: string | undefined, info?: MessageInfo) => Promise<void>
  readonly changeEnvironment: (destination: string | undefined, values: ReadonlyMap<string, string>, info?: MessageInfo) => Promise<void>
  readonly state: () => TransportState
  /** Why the bus is not connected, where that is known. */
  readonly reason: () => Error | undefined
  readonly close: () => Promise<void>
}

/** Joins the bus as a server: it hears acks too. Its own refresh does nothing here but be acknowledged, as a server has no configuration to refresh. */
export function joinRing({ settings, port, openTransport, onOverheard, onPublished, ids, ...listeners }: RingOptions): Ring {
  const id = settings.id ?? busId({ application: settings.application, index: String(port), instance: randomBytes(16).toString('hex') })
  const bus: Bus = openBus({
    ...listeners,
    busId: id,
    ack: settings.ack,
    openTransport: (events) => openTransport(settings.url, { ...events, destination: settings.destination, receives: 'all' }),
    onEvent: () => undefined,
    onOverheard: (_event, { label, commits, trace }) => {
      if (label !== undefined && commits !== undefined) onOverheard({ label, commits, ...(trace === undefined ? {} : { trace }) })
    },
  })
  const addressed = (destination: string | undefined) => ({ originService: id, destinationService: normalizeDestination(destination) })
  const traced = (info: MessageInfo = {}): MessageInfo => ({
    ...info,
    trace: info.trace === undefined ? startTrace(ids) : continueTrace(info.trace, ids),
  })
  return {
    id,
    refresh: async (destination, info) => {
      await bus.publish(refreshEvent(addressed(destination)), traced(info))
      onPublished('refresh')
    },
    changeEnvironment: async (destination, values, info) => {
      await bus.publish(environmentChangeEvent({ ...addressed(destination), values }), traced(info))
      onPublished('environment-change')
    },
    state: bus.state,
    reason: bus.reason,
    close: bus.close,
  }
}
