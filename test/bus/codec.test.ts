import { expect } from 'chai'
import fc from 'fast-check'
import { decode, encode, type SendableEvent } from '../../bus/src/codec.js'
import { BusError } from '../../bus/src/errors.js'
import type { BusEvent } from '../../bus/src/event.js'
import { recordedBodies } from './vectors.js'

const making = { clock: () => 42, newId: () => 'new' }
const text = (event: SendableEvent) => Buffer.from(encode(event)).toString('utf8')
const read = (json: unknown): BusEvent => decode(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), making)
const refresh = { type: 'RefreshRemoteApplicationEvent', originService: 'a:1:x', destinationService: '**', id: 'i', timestamp: 7 }

describe('encode', () => {
  it('writes each recorded message byte for byte as Spring wrote it', () => {
    const bodies = recordedBodies()
    expect(bodies).to.have.length(42)
    for (const body of bodies) expect(text(decode(Buffer.from(body)) as SendableEvent)).to.equal(body)
  })

  it('keeps an absent destination absent and a null one null', () => {
    const { destinationService: _, ...without } = refresh
    expect(JSON.parse(text(read(without) as SendableEvent))).to.deep.equal(without)
    expect(JSON.parse(text(read({ ...refresh, destinationService: null }) as SendableEvent))).to.deep.equal({
      ...refresh,
      destinationService: null,
    })
  })

  it('writes keys from outside as they are', () => {
    const body =
      '{"type":"EnvironmentChangeRemoteApplicationEvent","originService":"a","values":{"__proto__":"x","constructor":"y"},"destinationService":"b","id":"i","timestamp":1}'
    const event = read(body)
    expect(event.kind === 'environment-change' && [...event.values]).to.deep.equal([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(text(event as SendableEvent)).to.include('"values":{"__proto__":"x","constructor":"y"}')
  })
})

describe('decode', () => {
  const kinds: Readonly<Record<string, string>> = {
    RefreshRemoteApplicationEvent: 'refresh',
    ShutdownRemoteApplicationEvent: 'shutdown',
    AckRemoteApplicationEvent: 'ack',
    UnknownRemoteApplicationEvent: 'unknown',
    'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent': 'unknown',
    OrderShipped: 'unknown',
    __proto__x: 'unknown',
    toString: 'unknown',
  }
  for (const [type, kind] of Object.entries(kinds))
    it(`reads ${type} as ${kind}`, () => {
      expect(read({ ...refresh, type, extra: { deep: [1] } })).to.include({
        kind,
        id: 'i',
        timestamp: 7,
        originService: 'a:1:x',
        destinationService: '**',
      })
    })

  const times: readonly (readonly [unknown, number])[] = [
    [1767225600000, 1767225600000],
    [1767225600000.7, 1767225600000],
    ['1767225600000', 1767225600000],
    ['2026-01-01T00:00:00.000Z', 1767225600000],
    ['2026-01-01T01:00:00.000+01:00', 1767225600000],
    ['2026-01-01T00:00:00.000+0000', 1767225600000],
    ['2025-12-31T23:00:00-01', 1767225600000],
    ['2026-01-01T00:00:00', 1767225600000],
    ['2026-01-01', 1767225600000],
    ['yesterday', 42],
    ['2026-13-45T00:00:00Z', 42],
    [null, 42],
    [undefined, 42],
    [{}, 42],
  ]
  for (const [timestamp, expected] of times)
    it(`reads the time ${JSON.stringify(timestamp)} as ${expected}`, () =>
      expect(read({ ...refresh, timestamp }).timestamp).to.equal(expected))

  it('makes up a missing id, and takes a number for its text', () => {
    expect(read({ ...refresh, id: undefined }).id).to.equal('new')
    expect(read({ ...refresh, id: null }).id).to.equal('new')
    expect(read({ ...refresh, id: 5 }).id).to.equal('5')
  })

  it('reads an unknown event without an origin, whatever its members are', () => {
    expect(read({ type: 'Other', id: {}, timestamp: [], destinationService: 1, originService: null })).to.deep.equal({
      kind: 'unknown',
      type: 'Other',
      id: 'new',
      timestamp: 42,
      originService: '',
      destinationService: '1',
    })
  })

  it('takes numbers and booleans among values for their text, and leaves nulls out', () => {
    const event = read({ ...refresh, type: 'EnvironmentChangeRemoteApplicationEvent', values: { a: 1, b: true, c: null, d: '' } })
    expect(event.kind === 'environment-change' && Object.fromEntries(event.values)).to.deep.equal({ a: '1', b: 'true', d: '' })
  })

  it('reads an ack of a class that nobody knows', () => {
    const ack = {
      type: 'AckRemoteApplicationEvent',
      originService: 'a',
      destinationService: '**',
      id: 'i',
      timestamp: 1,
      ackId: 'x',
      event: 'com.example.E',
    }
    expect(read(ack)).to.deep.equal({
      kind: 'ack',
      originService: 'a',
      destinationService: '**',
      id: 'i',
      timestamp: 1,
      ackId: 'x',
      ackDestinationService: undefined,
      event: 'com.example.E',
    })
  })

  const unreadable: Readonly<Record<string, string | Uint8Array>> = {
    nothing: '',
    'no JSON': '{"type": top-secret',
    'an array': '[]',
    'a text': '"x"',
    null: 'null',
    'no type': '{"originService":"a"}',
    'a null type': '{"type":null,"originService":"a"}',
    'no origin': '{"type":"RefreshRemoteApplicationEvent"}',
    'a null origin': '{"type":"RefreshRemoteApplicationEvent","originService":null}',
    'an object as origin': '{"type":"RefreshRemoteApplicationEvent","originService":{}}',
    'an object as id': '{"type":"RefreshRemoteApplicationEvent","originService":"a","id":{}}',
    'inherited members': '{"__proto__":{"type":"RefreshRemoteApplicationEvent","originService":"a"}}',
    'no values': '{"type":"EnvironmentChangeRemoteApplicationEvent","originService":"a"}',
    'an object among values': '{"type":"EnvironmentChangeRemoteApplicationEvent","originService":"a","values":{"password":{}}}',
    'bad UTF-8': Uint8Array.of(0x22, 0xff, 0x22),
    'Java serialisation': Uint8Array.of(0xac, 0xed, 0, 5),
    'deep nesting': '['.repeat(200_000),
  }
  for (const [name, body] of Object.entries(unreadable))
    it(`refuses ${name}, quoting nothing of it`, () => {
      expect(() => decode(Buffer.from(body)))
        .to.throw(BusError, /^Got .*expected /)
        .with.property('code', 'unreadable-message')
      expect(() => decode(Buffer.from(body))).to.not.throw(/top-secret|password/)
    })

  it('throws nothing but BusError, and leaves prototypes alone', () => {
    const names = fc.constantFrom(
      'type',
      'id',
      'timestamp',
      'originService',
      'destinationService',
      'values',
      'ackId',
      'event',
      '__proto__',
      'constructor',
    )
    const type = fc.constantFrom('RefreshRemoteApplicationEvent', 'EnvironmentChangeRemoteApplicationEvent', 'AckRemoteApplicationEvent')
    const object = fc.dictionary(names, fc.oneof(type, fc.jsonValue({ maxDepth: 2 })))
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
      object.map((json) => Buffer.from(JSON.stringify(json))),
      fc.tuple(type, object).map(([name, json]) => Buffer.from(JSON.stringify({ originService: 'a', ...json, type: name }))),
    )
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          const event = decode(input)
          expect(event.originService).to.be.a('string')
          if (event.kind !== 'unknown') expect(decode(encode(event))).to.deep.equal(event)
        } catch (error) {
          expect(error).to.be.instanceOf(BusError)
        }
        expect(({} as Record<string, unknown>).type).to.equal(undefined)
      }),
      { numRuns: 2_000 },
    )
  })
})
