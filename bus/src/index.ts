export { type Answer, type Bus, type BusOptions, openBus } from './bus.js'
export { decode, encode, type SendableEvent } from './codec.js'
export { type BusIdParts, busId, isForSelf, isFromSelf, matches, normalizeDestination, type Self } from './destination.js'
export { BusError, type BusErrorCode } from './errors.js'
export {
  type AckEvent,
  type Addresses,
  ackEvent,
  type BusEvent,
  classNameOf,
  type EnvironmentChangeEvent,
  environmentChangeEvent,
  type Making,
  type RefreshEvent,
  refreshEvent,
  type ShutdownEvent,
  type UnknownEvent,
} from './event.js'
export type { Announcement } from './flow.js'
export { type AckOutcome, type AckReason, decodeHeaders, encodeHeaders, type MessageInfo } from './headers.js'
export { continueTrace, decodeTrace, encodeTrace, startTrace, type Trace, type TraceIds } from './trace.js'
export { checkTransport, openTransport } from './transports/open.js'
export type { Delivery, Message, Route, Transport, TransportEvents, TransportOptions, TransportState } from './transports/transport.js'
