import { expect } from 'chai'
import type { Discovery } from '../../../client/src/options.js'
import type { RemoteOptions } from '../../../client/src/remote/open.js'
import type { Remote } from '../../../client/src/remote/remote.js'
import { canary } from '../../../scripts/canary.mjs'
import { eventually } from '../../server/trees/repositories.js'
import { type Answering, always, answering, closeAll, deadUrl, documentOf, environment, errorOf, remoteOf, valuesOf } from './answering.js'

const SECRET = canary('password')

const COMMIT = 'a'.repeat(40)
const refusing = (status: number, headers: Readonly<Record<string, string>> = {}) => answering(always('', { status, headers }))
const well = (name = 'well') => answering(always(environment({ name })))
const counts = (servers: readonly Answering[]): readonly number[] => servers.map(({ requests }) => requests.length)
const nameOf = async (remote: Remote): Promise<unknown> => valuesOf(await documentOf(remote)).name

describe('several servers', () => {
  afterEach(closeAll)

  for (const status of [400, 401, 403, 404, 429, 500, 502, 503, 204]) {
    it(`asks the next one after ${status}`, async () => {
      const servers = [await refusing(status), await well()]
      expect(await nameOf(remoteOf({ servers: servers.map(({ url }) => url) }))).to.equal('well')
    })
  }

  it('asks the next one after one that does not answer, or answers nonsense', async () => {
    const silent = await answering(() => {})
    const nonsense = await answering(always('nonsense'))
    const servers = [await deadUrl(), silent.url, nonsense.url, (await well()).url]
    expect(await nameOf(remoteOf({ servers, timeouts: { readMs: 250 } }))).to.equal('well')
  })

  it('asks no other for a 304', async () => {
    const servers = [await answering((_, response) => response.writeHead(304).end()), await well()]
    const known = { validator: '"v"', version: { commit: COMMIT, label: '', digest: 'd' } }
    const { signal } = new AbortController()
    const reply = await remoteOf({ servers: servers.map(({ url }) => url) }).ask({ known, signal })
    expect([reply.kind, counts(servers)]).to.deep.equal(['unchanged', [1, 0]])
  })

  describe("with failover 'connection-only'", () => {
    for (const status of [401, 404, 500, 503]) {
      it(`asks no other after ${status}`, async () => {
        const servers = [await refusing(status), await well()]
        const error = await errorOf(documentOf(remoteOf({ servers: servers.map(({ url }) => url), failover: 'connection-only' })))
        expect(error.attempts.map((attempt) => attempt.status)).to.deep.equal([status])
        expect(counts(servers)).to.deep.equal([1, 0])
      })
    }

    it('asks the next one where no answer came', async () => {
      const silent = await answering(() => {})
      const servers = [await deadUrl(), silent.url, (await well()).url]
      expect(await nameOf(remoteOf({ servers, failover: 'connection-only', timeouts: { readMs: 250 } }))).to.equal('well')
    })

    it('asks the same one for the next label', async () => {
      const first = await answering((request, response) =>
        request.url?.endsWith('/main') ? always(environment({ name: 'main' }))(request, response) : response.writeHead(404).end(),
      )
      const servers = [first, await well()]
      const remote = remoteOf({ servers: servers.map(({ url }) => url), failover: 'connection-only', labels: ['none', 'main'] })
      expect([await nameOf(remote), counts(servers)]).to.deep.equal(['main', [2, 0]])
    })
  })

  describe('that all fail', () => {
    const garbage = () => answering(always('garbage'))
    const silent = () => answering(() => {})
    const rows: readonly (readonly [string, readonly (() => Promise<Answering>)[]])[] = [
      ['unauthorized', [silent, garbage, () => refusing(404), () => refusing(401)]],
      ['not-found', [silent, garbage, () => refusing(404)]],
      ['bad-response', [silent, garbage]],
      ['timeout', [silent]],
      ['unreachable', []],
    ]
    for (const [code, openers] of rows) {
      it(`are ${code}, with every attempt in the message`, async () => {
        const servers = [await deadUrl()]
        for (const open of openers) servers.push((await open()).url)
        const error = await errorOf(documentOf(remoteOf({ servers, timeouts: { readMs: 250 } })))
        expect(error.code).to.equal(code)
        expect(error.attempts.map(({ uri }) => uri)).to.deep.equal(servers)
        for (const { uri, status, cause } of error.attempts) {
          expect(error.message).to.include(`${uri}: ${status === undefined ? '' : `${status}: `}${cause}`)
        }
      })
    }

    it('are told one by one, in the order in which they were asked', async () => {
      const servers = [await refusing(500), await refusing(404)]
      const [first, second] = servers.map(({ url }) => url)
      const error = await errorOf(documentOf(remoteOf({ servers: [first!, second!] })))
      expect(error.message).to.equal(
        `No server has the configuration of orders/prod:\n  ${first}: 500: the server failed\n  ${second}: 404: not found (or, of a Spring server, its repository could not be reached)`,
      )
    })
  })

  describe('that ask to come back later', () => {
    it('say when, the soonest of them', async () => {
      const later = [await refusing(503, { 'retry-after': '7' }), await refusing(503, { 'retry-after': '3' }), await refusing(500)]
      const error = await errorOf(documentOf(remoteOf({ servers: later.map(({ url }) => url) })))
      expect(error).to.include({ code: 'bad-response', retryAfterMs: 3_000 })
    })

    const now = Date.UTC(2026, 0, 1)
    const rows: readonly (readonly [string, number | undefined])[] = [
      ['0', 0],
      [new Date(now + 90_000).toUTCString(), 90_000],
      [new Date(now - 90_000).toUTCString(), 0],
      ['999999999', 600_000],
      ['soon', undefined],
    ]
    for (const [header, expected] of rows) {
      it(`by a time such as ${header}`, async () => {
        const { url } = await refusing(429, { 'retry-after': header })
        const clock = { now: () => now, sleep: async () => {} }
        expect((await errorOf(documentOf(remoteOf({ servers: [url], clock })))).retryAfterMs).to.equal(expected)
      })
    }
  })

  describe("with balance 'random'", () => {
    it('begins with another one for each question, and goes on from there', async () => {
      const servers = [await well('a'), await well('b'), await well('c')]
      const draws = [0.99, 0, 0.5, 0.34]
      const remote = remoteOf({ servers: servers.map(({ url }) => url), balance: 'random', random: () => draws.shift() ?? 0 })
      const names = []
      for (let asked = 0; asked < 4; asked++) names.push(await nameOf(remote))
      expect(names).to.deep.equal(['c', 'a', 'b', 'b'])
      await servers[2]?.close()
      draws.push(0.99)
      expect(await nameOf(remote)).to.equal('a')
    })
  })

  describe('one of which keeps failing', () => {
    /** Two servers, the first of which fails as long as `failing`; and the time. */
    async function pair(options: Partial<RemoteOptions> = {}) {
      const state = { failing: true, silent: false, now: 0 }
      const first = await answering((request, response) => {
        if (state.silent) return
        if (state.failing) return response.writeHead(500).end()
        always(environment({ name: 'first' }))(request, response)
      })
      const second = await well('second')
      const said: string[] = []
      const say = (text: string): unknown => said.push(text)
      const remote = remoteOf({
        servers: [first.url, second.url],
        clock: { now: () => state.now, sleep: async () => {} },
        logger: { debug: say, info: say, warn: say, error: say },
        ...options,
      })
      return { state, remote, first, second, said }
    }

    it('is asked last after three failures, until ten seconds are over', async () => {
      const { state, remote, first, said } = await pair()
      for (let asked = 0; asked < 5; asked++) expect(await nameOf(remote)).to.equal('second')
      expect(first.requests.length).to.equal(3)
      state.now = 9_999
      await nameOf(remote)
      expect(first.requests.length).to.equal(3)
      state.now = 10_000
      expect(await nameOf(remote)).to.equal('second')
      expect(first.requests.length).to.equal(4)
      await nameOf(remote)
      expect(first.requests.length).to.equal(4)
      state.failing = false
      state.now = 20_000
      expect(await nameOf(remote)).to.equal('first')
      expect(said).to.deep.equal([
        `Configuration: ${first.url} keeps failing; for 10 seconds it is asked last.`,
        `Configuration: ${first.url} keeps failing; for 10 seconds it is asked last.`,
        `Configuration: ${first.url} answers again.`,
      ])
    })

    it('is asked all the same where the others fail, too', async () => {
      const { state, remote, second } = await pair()
      for (let asked = 0; asked < 3; asked++) await nameOf(remote)
      await second.close()
      state.failing = false
      expect(await nameOf(remote)).to.equal('first')
      expect(await nameOf(remote)).to.equal('first')
    })

    it('is asked each time where it is the only one', async () => {
      const { url, requests } = await refusing(500)
      const remote = remoteOf({ servers: [url] })
      for (let asked = 0; asked < 6; asked++) expect((await errorOf(documentOf(remote))).attempts).to.have.lengthOf(1)
      expect(requests).to.have.lengthOf(6)
    })

    it('is tried by one of many questions, whose result the others take', async () => {
      const { state, remote, first, second } = await pair()
      for (let asked = 0; asked < 3; asked++) await nameOf(remote)
      await second.close()
      const before = first.requests.length
      const errors = await Promise.all(Array.from({ length: 5 }, () => errorOf(documentOf(remote))))
      expect(errors.every(({ attempts }) => attempts.length === 2)).to.equal(true)
      expect(first.requests.length).to.be.lessThan(before + 5)
      state.failing = false
      expect(await Promise.all(Array.from({ length: 5 }, () => nameOf(remote)))).to.deep.equal(Array(5).fill('first'))
    })

    for (const [what, status, headers] of [
      ['refuses', 401, {}],
      ['has nothing', 404, {}],
      ['says when to come back', 503, { 'retry-after': '1' }],
    ] as const) {
      it(`is not one that ${what}`, async () => {
        const servers = [await refusing(status, headers), await well()]
        const remote = remoteOf({ servers: servers.map(({ url }) => url) })
        for (let asked = 0; asked < 5; asked++) await nameOf(remote)
        expect(counts(servers)).to.deep.equal([5, 5])
      })
    }

    it('stays last while it is tried, and where that was given up', async () => {
      const { state, remote, first } = await pair({ timeouts: { readMs: 5_000 } })
      for (let asked = 0; asked < 3; asked++) await nameOf(remote)
      state.now = 10_000
      state.silent = true
      const impatient = new AbortController()
      const trial = remote.ask({ signal: impatient.signal }).catch(({ message }: Error) => message)
      await eventually(
        () => first.requests.length,
        (length) => length === 4,
      )
      expect(await nameOf(remote)).to.equal('second')
      impatient.abort(new Error('enough'))
      expect(await trial).to.equal('enough')
      expect(await nameOf(remote)).to.equal('second')
      expect(first.requests.length).to.equal(4)
    })
  })

  describe('found by a discovery', () => {
    it('are those that it knows of at each question', async () => {
      const [a, b] = [await well('a'), await well('b')]
      const answers = [[{ uri: a.url }], [{ uri: b.url }, { uri: a.url }]]
      const remote = remoteOf({ servers: { resolve: async () => answers.shift() ?? [] } })
      expect([await nameOf(remote), await nameOf(remote)]).to.deep.equal(['a', 'b'])
      expect((await errorOf(documentOf(remote))).message).to.equal('The discovery knows of no configuration server.')
    })

    it('may have a path', async () => {
      for (const [uri, configPath, expected] of [
        ['', '/config', '/config/orders/prod'],
        ['/', 'config/', '/config/orders/prod'],
        ['/base/', '/config', '/base/config/orders/prod'],
      ] as const) {
        const { url, requests } = await well()
        await documentOf(remoteOf({ servers: { resolve: async () => [{ uri: url + uri, metadata: { configPath } }] } }))
        expect(requests[0]?.url).to.equal(expected)
      }
    })

    it('may be wrong in part', async () => {
      const { url } = await well()
      expect(await nameOf(remoteOf({ servers: { resolve: async () => [{ uri: 'nonsense' }, { uri: url }] } }))).to.equal('well')
    })

    const broken: readonly (readonly [string, Discovery['resolve'], string])[] = [
      ['fails', () => Promise.reject(new Error('eureka is away')), 'The discovery of configuration servers failed: eureka is away'],
      [
        'throws',
        () => {
          throw new Error('eureka is away')
        },
        'The discovery of configuration servers failed: eureka is away',
      ],
      ['knows of none', async () => [], 'The discovery knows of no configuration server.'],
      ['never answers', () => new Promise(() => {}), 'The discovery of configuration servers did not answer within 250 ms.'],
      [
        'knows of nonsense only',
        async () => [{ uri: `ann:${SECRET}@x` }],
        "The discovery gave '***@x', expected uris such as http://localhost:8888.",
      ],
    ]
    for (const [what, resolve, message] of broken) {
      it(`that ${what}: unreachable`, async () => {
        const error = await errorOf(documentOf(remoteOf({ servers: { resolve }, timeouts: { readMs: 250 } })))
        expect([error.code, error.message]).to.deep.equal(['unreachable', message])
      })
    }
  })
})
