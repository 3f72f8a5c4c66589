import { expect } from 'chai'
import fc from 'fast-check'
import { decodeHeaders, encodeHeaders, type MessageInfo } from '../../bus/src/headers.js'

const commit = 'a'.repeat(40)
const full: MessageInfo = {
  label: 'release/grüße',
  commits: [commit, 'native-1'],
  digests: new Map([['orders/prod', 'f'.repeat(64)]]),
  outcome: 'rejected',
  reason: { path: 'server.port', code: 'type' },
  trace: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: 'yes', state: 'vendor=x' },
}
const decode = (headers: Record<string, string>) => decodeHeaders(new Map(Object.entries(headers)))

describe('encodeHeaders', () => {
  it('writes one header a part', () => {
    expect(Object.fromEntries(encodeHeaders(full))).to.deep.equal({
      'carillon-label': 'release/grüße',
      'carillon-commits': `["${commit}","native-1"]`,
      'carillon-digests': `[["orders/prod","${'f'.repeat(64)}"]]`,
      'carillon-outcome': 'rejected',
      'carillon-reason-path': 'server.port',
      'carillon-reason-code': 'type',
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      tracestate: 'vendor=x',
    })
  })

  it('writes nothing for nothing, so that a plain ack is Spring’s own', () => {
    expect([...encodeHeaders({})]).to.deep.equal([])
    expect([...encodeHeaders({ commits: [], digests: new Map() })]).to.deep.equal([])
  })

  it('leaves out what is too long or malformed: a label and commits as a whole, digests from their end', () => {
    const digests = new Map(Array.from({ length: 500 }, (_, n) => [`app-${n}/prod`, 'f'.repeat(64)]))
    const headers = encodeHeaders({
      label: 'x'.repeat(1000),
      commits: Array(65).fill(commit),
      digests,
      reason: { path: 'a', code: 'the value was secret!' },
    })
    expect([...headers.keys()]).to.deep.equal(['carillon-digests'])
    const kept = decodeHeaders(headers).digests ?? new Map()
    expect(kept.size).to.be.within(20, 60)
    expect([...kept.keys()]).to.deep.equal([...digests.keys()].slice(0, kept.size))
  })

  it('stays small whatever it is given', () => {
    const words = fc.string({ maxLength: 2000, unit: 'binary' })
    const info = fc.record({
      label: words,
      commits: fc.array(words, { maxLength: 100 }),
      digests: fc.array(fc.tuple(words, words), { maxLength: 300 }).map((entries) => new Map(entries)),
      reason: fc.record({ path: words, code: words }),
    })
    fc.assert(
      fc.property(info, (given) => {
        const size = [...encodeHeaders(given)].reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)
        expect(size).to.be.lessThan(16_384)
      }),
      { numRuns: 100 },
    )
  })
})

describe('decodeHeaders', () => {
  it('reads what was written', () => {
    expect(decodeHeaders(encodeHeaders(full))).to.deep.equal(full)
    const many = { commits: Array(64).fill(commit) }
    expect(decodeHeaders(encodeHeaders(many))).to.deep.equal(many)
  })

  const garbage: readonly Record<string, string>[] = [
    { contentType: 'application/json' },
    { 'carillon-label': '' },
    { 'carillon-label': 'a\nforged line' },
    { 'carillon-label': 'x'.repeat(513) },
    { 'carillon-commits': 'abc' },
    { 'carillon-commits': '{}' },
    { 'carillon-commits': '[]' },
    { 'carillon-commits': '["a", 1]' },
    { 'carillon-commits': `["${'x'.repeat(300)}"]` },
    { 'carillon-commits': '['.repeat(100_000) },
    { 'carillon-digests': '[["a"],["a","b","c"],["a",1],["","f"],["a","not a digest"]]' },
    { 'carillon-digests': '{"__proto__":"a"}' },
    { 'carillon-outcome': 'toString' },
    { 'carillon-reason-path': 'a.b' },
    { 'carillon-reason-code': 'two words', 'carillon-reason-path': 'a' },
    { traceparent: 'x', b3: '0' },
  ]
  for (const headers of garbage) it(`ignores ${JSON.stringify(headers).slice(0, 80)}`, () => expect(decode(headers)).to.deep.equal({}))

  it('keeps what is good beside what is bad', () => {
    expect(decode({ 'carillon-label': 'main', 'carillon-commits': '[', 'carillon-digests': '[["a",1],["b","f0"]]' })).to.deep.equal({
      label: 'main',
      digests: new Map([['b', 'f0']]),
    })
    expect(decode({ 'carillon-reason-code': 'type' })).to.deep.equal({ reason: { code: 'type', path: '' } })
  })
})
