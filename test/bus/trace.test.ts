import { expect } from 'chai'
import { continueTrace, decodeTrace, encodeTrace, startTrace } from '../../bus/src/trace.js'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const yes = { traceId, spanId, sampled: 'yes' }
const no = { traceId, spanId, sampled: 'no' }
const short = { traceId: `${'0'.repeat(16)}a3ce929d0e0e4736`, spanId, sampled: 'yes' }

describe('decodeTrace', () => {
  const table: readonly (readonly [string, Record<string, string>, object | undefined])[] = [
    ['W3C', { traceparent: `00-${traceId}-${spanId}-01` }, yes],
    ['W3C, not sampled', { traceparent: `00-${traceId}-${spanId}-00` }, no],
    ['W3C with other flags', { traceparent: `00-${traceId}-${spanId}-03` }, yes],
    ['W3C with state', { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'a=b,c=d' }, { ...yes, state: 'a=b,c=d' }],
    ['W3C with state that is too long', { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'a'.repeat(513) }, yes],
    ['W3C with state that is no ASCII', { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'ä=1' }, yes],
    ['a later W3C', { traceparent: `01-${traceId}-${spanId}-01-more` }, yes],
    ['W3C with more than there is', { traceparent: `00-${traceId}-${spanId}-01-more` }, undefined],
    ['W3C of the forbidden version', { traceparent: `ff-${traceId}-${spanId}-01` }, undefined],
    ['W3C in upper case', { traceparent: `00-${traceId.toUpperCase()}-${spanId}-01` }, undefined],
    ['W3C of zeros', { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }, undefined],
    ['W3C without a span', { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` }, undefined],
    ['B3', { b3: `${traceId}-${spanId}-1` }, yes],
    ['B3 with debug and a parent', { b3: `${traceId}-${spanId}-d-${spanId}` }, yes],
    ['B3, not sampled', { b3: `${traceId}-${spanId}-0` }, no],
    ['B3 that leaves the choice', { b3: `${traceId}-${spanId}` }, no],
    ['B3 with a short trace id', { b3: `a3ce929d0e0e4736-${spanId}-1` }, short],
    ['B3 that only denies', { b3: '0' }, undefined],
    ['B3 in several headers', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }, yes],
    ['B3 in several headers with debug', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-flags': '1' }, yes],
    ['B3 in several headers, not sampled', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': 'false' }, no],
    ['B3 without a span', { 'x-b3-traceid': traceId }, undefined],
    ['W3C before B3', { traceparent: `00-${traceId}-${spanId}-01`, b3: `${'1'.repeat(32)}-${spanId}-0` }, yes],
    ['B3 where W3C is malformed', { traceparent: 'x', b3: `${traceId}-${spanId}-1` }, yes],
    ['nothing', {}, undefined],
  ]
  for (const [name, headers, trace] of table)
    it(`reads ${name}`, () => expect(decodeTrace(new Map(Object.entries(headers)))).to.deep.equal(trace))
})

describe('encodeTrace', () => {
  for (const sampled of ['yes', 'no'] as const)
    it(`writes W3C, sampled: ${sampled}`, () => {
      const trace = { traceId, spanId, sampled, state: 'a=b' }
      expect(decodeTrace(new Map(encodeTrace(trace)))).to.deep.equal(trace)
    })
})

describe('startTrace', () => {
  const ids = { traceId: () => traceId, spanId: () => spanId }

  it('begins a trace that is sampled, with the ids that it is given', () => expect(startTrace(ids)).to.deep.equal(yes))

  it('makes ids that are valid, and others each time', () => {
    const traces = Array.from({ length: 100 }, () => startTrace())
    for (const trace of traces) expect(decodeTrace(new Map(encodeTrace(trace)))).to.deep.equal(trace)
    expect(new Set(traces.flatMap((trace) => [trace.traceId, trace.spanId])).size).to.equal(200)
  })
})

describe('continueTrace', () => {
  it('is a span of its own, and all else as it came', () => {
    const came = { traceId, spanId: '1'.repeat(16), sampled: 'no', state: 'a=b' } as const
    expect(continueTrace(came, { spanId: () => spanId })).to.deep.equal({ ...came, spanId })
    expect(continueTrace(came).spanId)
      .to.match(/^[\da-f]{16}$/)
      .and.not.to.equal(came.spanId)
  })
})
