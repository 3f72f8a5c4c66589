import { randomUUID } from 'node:crypto'
import { decode, encode, type SendableEvent } from './codec.js'
import { isFromSelf, normalizeDestination, type Self } from './destination.js'
import { BusError, subscriberFailed } from './errors.js'
import { type AckEvent, ackEvent, type BusEvent } from './event.js'
import { type Announcement, isHandledByPublisher, receptionOf } from './flow.js'
import { type AckOutcome, decodeHeaders, encodeHeaders, type MessageInfo } from './headers.js'
import { remember } from './recent.js'
import type { Delivery, Transport, TransportEvents, TransportState } from './transports/transport.js'
import { tellOnce } from './trouble.js'

/** What an instance says of an event; it travels in the headers of its ack. */
export interface Answer extends MessageInfo {
  readonly outcome: AckOutcome
}

export interface BusOptions {
  /** Opens the broker, for example `(events) => openTransport(url, { destination, receives, ...events })`. */
  readonly openTransport: (events: TransportEvents) => Transport
  readonly busId: string
  /** The values of `spring.cloud.config.name`: names under which this member can be addressed too. */
  readonly configNames?: readonly string[]
  /** `spring.cloud.bus.ack.*`: whether events meant for this member are acknowledged (default on), and to whom (default everybody). */
  readonly ack?: { readonly enabled?: boolean; readonly destination?: string }
  /**
   * Called once for each event meant for this member, others' and its own, in the order of arrival and without waiting for the call before. What it
   * returns goes out with the ack; `undefined` is Spring's plain ack, an error or a rejection the outcome `failed`.
   */
  readonly onEvent: (event: Announcement, info: MessageInfo) => Answer | undefined | Promise<Answer | undefined>
  /** Called for each ack, once: those of others, and this member's own once it was handed over. A Spring member's has no outcome. */
  readonly onAck?: (ack: AckEvent, info: MessageInfo) => void
  /** Called for each event of another member, whomever it is meant for: a server learns from it that there is something newer. */
  readonly onOverheard?: (event: Announcement, info: MessageInfo) => void
  readonly onState?: (state: TransportState) => void
  /** Told of each reason once in the time of a connection: unreadable messages, listeners that fail, acks that could not be sent, a broker's trouble. */
  readonly onTrouble?: (error: Error) => void
  readonly clock?: () => number
  readonly newId?: () => string
}

export interface Bus {
  /** The member's bus id: the `originService` of what it publishes. */
  readonly id: string
  /**
   * Handles the event here as Spring does (a refresh where the destination matches this member, an environment change always) and sends it. Resolves once
   * the broker has it, without waiting for this member's listener; rejects with the transport's BusError. Publishing the same event again sends it again
   * and handles it no second time.
   */
  readonly publish: (event: Announcement, info?: MessageInfo) => Promise<void>
  /** Answers once more, for example after a retry; the first ack goes out by itself. Does nothing where acks are off. Rejects with the transport's BusError. */
  readonly acknowledge: (event: BusEvent, answer: MessageInfo) => Promise<void>
  readonly state: () => TransportState
  /** Why there is no connection; `undefined` while there is one, and until the first attempt has failed. Never holds credentials. */
  readonly reason: () => Error | undefined
  /** Idempotent. Nothing is heard or sent afterwards; listeners that still run are not waited for, and what they return is dropped. */
  readonly close: () => Promise<void>
}

/** How many ids are remembered to know what comes twice: events, and acks, of which each event has many. */
const REMEMBERED = { events: 1_000, acks: 20_000 }

type Handled = Promise<Answer | undefined>

/** Joins the bus as Spring Cloud Bus does (spring-compat 7.6), connecting in the background. Never throws for a broker that is away. */
export function openBus(options: BusOptions): Bus {
  const {
    busId: id,
    configNames = [],
    onAck = () => {},
    onOverheard,
    onState = () => {},
    onTrouble = () => {},
    clock = Date.now,
    newId = randomUUID,
  } = options
  const self: Self = { id, configNames }
  const trouble = tellOnce(onTrouble)
  const received = remember<true>(REMEMBERED.events)
  const receivedAcks = remember<true>(REMEMBERED.acks)
  const handledHere = remember<Handled>(REMEMBERED.events)
  let closing: Promise<void> | undefined

  const transport = options.openTransport({
    onDelivery: (delivery) => guarded('A message', () => receive(delivery)),
    onState: (state) => {
      if (state === 'connected') trouble.forget()
      guarded('A listener of states', () => onState(state))
    },
    onTrouble: trouble.tell,
  })

  function receive({ bytes, headers }: Delivery): void {
    if (closing !== undefined) return
    const event = decode(bytes, { clock, newId })
    tellOverheard(event, headers)
    const reception = receptionOf(event, self)
    switch (reception.kind) {
      case 'ignored':
        return
      case 'ack':
        if (receivedAcks.add(keyOf(reception.ack), true)) tellAck(reception.ack, decodeHeaders(headers))
        return
      case 'acknowledged':
        if (received.add(keyOf(reception.event), true)) void answer(reception.event, handledHere.get(reception.event.id))
        return
      case 'handled':
        if (received.add(keyOf(reception.event), true)) void answer(reception.event, handle(reception.event, decodeHeaders(headers)))
        return
      default:
        reception satisfies never
    }
  }

  function tellOverheard(event: BusEvent, headers: Delivery['headers']): void {
    if (onOverheard === undefined || (event.kind !== 'refresh' && event.kind !== 'environment-change')) return
    if (!isFromSelf(event, self)) guarded('A listener of events', () => onOverheard(event, decodeHeaders(headers)))
  }

  function tellAck(ack: AckEvent, info: MessageInfo): void {
    guarded('A listener of acks', () => onAck(ack, info))
  }

  /** Never rejects: a listener's failure is its own answer, and told. */
  async function handle(event: Announcement, info: MessageInfo): Handled {
    const trace = info.trace ? { trace: info.trace } : {}
    try {
      const answer = await options.onEvent(event, info)
      return answer && { ...trace, ...answer }
    } catch (cause) {
      trouble.tell(subscriberFailed(`A listener of ${event.kind} events`, cause))
      return { ...trace, outcome: 'failed' }
    }
  }

  /** Sends the ack that Spring sends, once the listener is through. Never rejects. */
  async function answer(event: BusEvent, handled: Handled | undefined): Promise<void> {
    try {
      await acknowledge(event, (await handled) ?? {})
    } catch (error) {
      // What a close overtook may still go out, and nobody asks for it any more.
      if (closing === undefined) trouble.tell(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async function acknowledge(event: BusEvent, info: MessageInfo): Promise<void> {
    const { enabled = true, destination } = options.ack ?? {}
    if (!enabled || closing !== undefined || event.kind === 'ack' || event.kind === 'unknown') return
    const addresses = { originService: id, destinationService: normalizeDestination(destination) }
    const ack = ackEvent({ ...addresses, acknowledged: event }, { clock, newId })
    try {
      await send(ack, info)
    } finally {
      if (closing === undefined) tellAck(ack, info)
    }
  }

  async function send(event: SendableEvent, info: MessageInfo): Promise<void> {
    const route = event.kind === 'ack' ? 'ack' : 'event'
    await transport.publish({ id: newId(), bytes: encode(event), headers: encodeHeaders(info), route })
  }

  async function publish(event: Announcement, info: MessageInfo = {}): Promise<void> {
    if (closing !== undefined) throw new BusError('closed', `Cannot publish the event ${event.id}: the bus of ${id} is closed`)
    if (isHandledByPublisher(event, self) && !handledHere.get(event.id)) handledHere.add(event.id, handle(event, info))
    if (isFromSelf(event, self)) await send(event, info)
  }

  function guarded(what: string, call: () => void): void {
    try {
      call()
    } catch (cause) {
      trouble.tell(cause instanceof BusError ? cause : subscriberFailed(what, cause))
    }
  }

  const close = () => {
    closing ??= transport.close()
    return closing
  }
  return { id, publish, acknowledge, state: transport.state, reason: transport.reason, close }
}

/** At least once is what brokers promise: the same id of the same sender is the same event. */
function keyOf({ originService, id }: BusEvent): string {
  return `${originService}\n${id}`
}
