import { randomUUID } from 'node:crypto'

/** Where in a distributed trace a message was sent. */
export interface Trace {
  /** 32 and 16 hex digits in lower case, never all zero. */
  readonly traceId: string
  readonly spanId: string
  readonly sampled: 'yes' | 'no'
  /** W3C `tracestate`, passed on as it is. */
  readonly state?: string
}

/** Makes the ids of traces and spans, as `Trace` has them. */
export interface TraceIds {
  readonly traceId: () => string
  readonly spanId: () => string
}

/** A UUID is random where a trace id should be, and its fixed digits keep either half from being all zero. */
const randomIds: TraceIds = {
  traceId: () => randomUUID().replaceAll('-', ''),
  spanId: () => randomUUID().replaceAll('-', '').slice(16),
}

/** A new trace, sampled: it is the only one that says what came of an event, and events are few. */
export function startTrace(ids: TraceIds = randomIds): Trace {
  return { traceId: ids.traceId(), spanId: ids.spanId(), sampled: 'yes' }
}

/** The next step of a trace that somebody else began: a span of its own, all else as it came. */
export function continueTrace(trace: Trace, ids: Pick<TraceIds, 'spanId'> = randomIds): Trace {
  return { ...trace, spanId: ids.spanId() }
}

const NO_TRACE = /^0+$/
const MAX_STATE = 512

/** The trace as W3C headers: `traceparent`, and `tracestate` where there is one. https://www.w3.org/TR/trace-context/ */
export function encodeTrace({ traceId, spanId, sampled, state }: Trace): readonly (readonly [string, string])[] {
  const parent = ['traceparent', `00-${traceId}-${spanId}-${sampled === 'yes' ? '01' : '00'}`] as const
  return state === undefined ? [parent] : [parent, ['tracestate', state]]
}

/** Reads W3C, then B3 in one header, then B3 in several, as Spring Boot does; what is malformed is as good as absent. Header names are in lower case. */
export function decodeTrace(headers: ReadonlyMap<string, string>): Trace | undefined {
  return w3c(headers) ?? b3(headers) ?? b3Multi(headers)
}

function w3c(headers: ReadonlyMap<string, string>): Trace | undefined {
  const [all, version, traceId, spanId, flags = '', rest] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(headers.get('traceparent') ?? '') ?? []
  // Version ff is forbidden; version 00 ends here, later ones may say more.
  if (all === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  const sampled = Number.parseInt(flags, 16) % 2 === 1 ? 'yes' : 'no'
  const trace = traceOf({ traceId, spanId, sampled })
  const state = headers.get('tracestate')
  return trace && state && state.length <= MAX_STATE && /^[\x20-\x7e]+$/.test(state) ? { ...trace, state } : trace
}

function b3(headers: ReadonlyMap<string, string>): Trace | undefined {
  const [, traceId, spanId, sampled] = /^([^-]+)-([^-]+)(?:-([01d])(?:-[\da-f]{16})?)?$/.exec(headers.get('b3') ?? '') ?? []
  return traceOf({ traceId, spanId, sampled: sampled === '1' || sampled === 'd' ? 'yes' : 'no' })
}

function b3Multi(headers: ReadonlyMap<string, string>): Trace | undefined {
  const sampled = headers.get('x-b3-sampled') ?? ''
  const debug = headers.get('x-b3-flags') === '1'
  return traceOf({
    traceId: headers.get('x-b3-traceid'),
    spanId: headers.get('x-b3-spanid'),
    sampled: debug || /^(1|true)$/i.test(sampled) ? 'yes' : 'no',
  })
}

interface Candidate {
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly sampled: Trace['sampled']
}

/** B3 trace ids may have 16 digits: W3C asks for zeros before them. */
function traceOf({ traceId = '', spanId = '', sampled }: Candidate): Trace | undefined {
  if (!/^(?:[\da-f]{16}){1,2}$/i.test(traceId) || !/^[\da-f]{16}$/i.test(spanId)) return undefined
  if (NO_TRACE.test(traceId) || NO_TRACE.test(spanId)) return undefined
  return { traceId: traceId.toLowerCase().padStart(32, '0'), spanId: spanId.toLowerCase(), sampled }
}
