import { expect } from 'chai'
import { type FakeServer, type FakeServerOptions, startFakeServer } from '../../client/src/testing/fake-server.js'
import { type Answered, type AskOptions, ask, clearServing, serve } from '../server/http/serving.js'

const V2 = 'application/vnd.spring-cloud.config-server.v2+json'
const portOf = ({ url }: Pick<FakeServer, 'url'>) => Number(new URL(url).port)

/** The same configuration as files and as values. */
const files = {
  'application.yml': 'a: application\nall: true\n',
  'orders.yml': 'a: orders\ndb:\n  pool: 5\n  url: ${x}\nhosts: [h1, h2]\nempty: []\nratio: 0.5\nnothing: ~\n',
  'orders-prod.yml': 'a: orders-prod\n',
  'application-prod.yml': 'a: application-prod\n',
  'orders-eu.yml': 'a: orders-eu\n',
  'extra.yml': 'a: extra\n',
  'orders-default.yml': 'a: orders-default\n',
}
const apps = {
  application: { a: 'application', all: true },
  orders: { a: 'orders', db: { pool: 5, url: '${x}' }, hosts: ['h1', 'h2'], empty: [], ratio: 0.5, nothing: '' },
  'orders/prod': { a: 'orders-prod' },
  'application/prod': { a: 'application-prod' },
  'orders/eu': { a: 'orders-eu' },
  extra: { a: 'extra' },
  'orders/default': { a: 'orders-default' },
}

describe('startFakeServer', () => {
  const started: FakeServer[] = []
  const start = async (options: FakeServerOptions = { apps }) => {
    const server = await startFakeServer(options)
    started.push(server)
    return server
  }
  const askFor = (server: FakeServer, path: string, options?: AskOptions) => ask(portOf(server), path, options)
  afterEach(() => Promise.all(started.splice(0).map((server) => server.close())))

  describe('answers as Carillon does', () => {
    /** What does not depend on where the files are. */
    const meaningOf = ({ status, headers, text }: Answered) => {
      const facts = { status, type: headers['content-type'], etag: headers.etag?.replace(/[0-9a-f]{64}/, 'digest') }
      if (status !== 200 || text === '') return { ...facts, known: headers['x-carillon-digest']?.length }
      const { propertySources, version, ...body } = JSON.parse(text)
      const sources = propertySources.map(({ source }: { source: Record<string, unknown> }) =>
        Object.entries(source).map(([key, value]) =>
          typeof value === 'object' ? [key, (value as { value: unknown }).value, 'origin' in (value as object)] : [key, value],
        ),
      )
      return { ...facts, ...body, sources, commits: [version, headers['x-carillon-commit']].map((commit) => /^[0-9a-f]{40}$/.test(commit)) }
    }
    let real: Awaited<ReturnType<typeof serve>>
    before(async () => {
      real = await serve({ files })
    })
    after(clearServing)

    for (const [path, options] of [
      ['/orders/default'],
      ['/orders/prod'],
      ['/orders/prod', { headers: { accept: V2 } }],
      ['/orders/prod', { headers: { accept: 'application/json' } }],
      ['/orders/prod,eu'],
      ['/orders/eu,prod'],
      ['/extra,orders/prod'],
      ['/orders,extra/prod'],
      ['/application/prod'],
      ['/unknown/dev'],
      ['/orders/prod/main', { headers: { accept: V2 } }],
      ['/orders/prod/main?x=1'],
      ['/orders/prod', { method: 'HEAD' }],
      ['/orders/prod/no-such-label'],
      ['/orders/prod/no(_)such(_)label'],
      ['/orders/prod', { headers: { 'x-carillon-at-least': '0'.repeat(40) } }],
    ] as readonly (readonly [string, AskOptions?])[]) {
      it(`to ${options?.method ?? 'GET'} ${path} ${JSON.stringify(options?.headers ?? {})}`, async () => {
        const fake = await start()
        expect(meaningOf(await askFor(fake, path, options))).to.deep.equal(meaningOf(await real.ask(path, options)))
      })
    }

    it('to a question for what the client has', async () => {
      const fake = await start()
      for (const accept of [V2, 'application/json']) {
        for (const askOne of [fake, real].map(
          ({ url }) =>
            (options: AskOptions) =>
              ask(portOf({ url }), '/orders/prod', options),
        )) {
          const { etag = '' } = (await askOne({ headers: { accept } })).headers
          const again = await askOne({ headers: { accept, 'if-none-match': etag } })
          expect({ status: again.status, etag: again.headers.etag, text: again.text }).to.deep.equal({ status: 304, etag, text: '' })
          expect(again.headers['x-carillon-commit']).to.match(/^[0-9a-f]{40}$/)
        }
      }
    })

    it('to a commit that it has', async () => {
      const fake = await start()
      const first = fake.commit
      fake.set('extra', { a: 'newer' })
      for (const commits of [first, `${first}, ${fake.commit}`]) {
        expect((await askFor(fake, '/orders/prod', { headers: { 'x-carillon-at-least': commits } })).status).to.equal(200)
      }
    })
  })

  it('moves the commit with each change, and the digest of those whom it concerns', async () => {
    const fake = await start()
    const facts = async () => {
      const { headers, text } = await askFor(fake, '/orders/prod')
      return { commit: headers['x-carillon-commit'], version: JSON.parse(text).version, digest: headers['x-carillon-digest'] }
    }
    const before = await facts()
    expect(before.version).to.equal(fake.commit)
    const commit = fake.set('extra', { a: 'newer' })
    expect(await facts()).to.deep.equal({ commit, version: commit, digest: before.digest })
    fake.set('orders/prod', { a: 'newer' })
    const now = await facts()
    expect(now.digest).to.not.equal(before.digest)
    expect(now.commit).to.equal(fake.commit).and.not.equal(commit)
    fake.set('orders/prod', undefined)
    expect((await askFor(fake, '/orders/prod')).text).to.not.contain('newer')
  })

  it('has the commits of another one with the same history', async () => {
    const [one, other] = [await start(), await start()]
    expect(one.set('extra', { a: 1 })).to.not.equal(other.commit)
    const lagging = { headers: { 'x-carillon-at-least': one.commit } }
    expect(await askFor(other, '/orders/prod', lagging))
      .to.deep.include({ status: 503 })
      .and.nested.include({ 'headers.retry-after': '1' })
    other.set('extra', { a: 1 })
    expect((await askFor(other, '/orders/prod', lagging)).status).to.equal(200)
  })

  it('has values of one label', async () => {
    const fake = await start({ labels: ['main', 'feature/x'], apps: { orders: { a: 1 }, 'orders@feature/x': { a: 2 } } })
    expect(JSON.parse((await askFor(fake, '/orders/dev/feature(_)x')).text)).to.deep.include({
      label: 'feature/x',
      propertySources: [
        { name: 'fake:orders@feature/x.yml', source: { a: 2 } },
        { name: 'fake:orders.yml', source: { a: 1 } },
      ],
    })
    expect(JSON.parse((await askFor(fake, '/orders/dev')).text).propertySources).to.have.lengthOf(1)
  })

  it('says as little as Spring where it is to speak as Spring', async () => {
    const fake = await start({ apps, speaks: 'spring' })
    const { status, headers, text } = await askFor(fake, '/orders/prod', {
      headers: { 'x-carillon-at-least': '0'.repeat(40), 'if-none-match': '*' },
    })
    expect(status).to.equal(200)
    expect(Object.keys(headers).filter((name) => /etag|carillon/.test(name))).to.deep.equal([])
    expect(JSON.parse(text).version).to.equal(fake.commit)
  })

  it('wants credentials', async () => {
    const basic = await start({ apps, credentials: { username: 'u', password: 'p' } })
    const bearer = await start({ apps, credentials: { bearer: 't' } })
    for (const [server, authorization, status] of [
      [basic, undefined, 401],
      [basic, `Basic ${btoa('u:q')}`, 401],
      [basic, `Basic ${btoa('u:p')}`, 200],
      [bearer, undefined, 401],
      [bearer, 'Bearer t', 200],
    ] as const) {
      const headers = authorization === undefined ? {} : { authorization }
      expect((await askFor(server, '/orders/prod', { headers })).status).to.equal(status)
    }
  })

  it('remembers what was asked', async () => {
    const fake = await start()
    await askFor(fake, '/orders/prod?a=b', { headers: { accept: V2 } })
    await askFor(fake, '/x', { method: 'POST' })
    expect(fake.requests.map(({ method, path, headers }) => [method, path, headers.accept])).to.deep.equal([
      ['GET', '/orders/prod?a=b', V2],
      ['POST', '/x', undefined],
    ])
  })

  for (const path of ['/', '/orders', '/orders/prod/main/x/y', '/%', '/orders/%zz']) {
    it(`has nothing at ${path}`, async () => expect((await askFor(await start(), path)).status).to.equal(404))
  }

  it('keeps a __proto__ key as it is', async () => {
    const fake = await start({ apps: { orders: JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":2}}') } })
    expect((await askFor(fake, '/orders/dev')).text).to.contain('"source":{"__proto__.a":1,"b.__proto__":2}')
  })

  describe('misbehave', () => {
    const statuses = async (server: FakeServer, times: number) => {
      const seen: number[] = []
      while (seen.length < times) seen.push((await askFor(server, '/orders/prod')).status)
      return seen
    }

    it('answers with a status, so many times', async () => {
      const fake = await start()
      fake.misbehave({ kind: 'status', status: 503, retryAfterSeconds: 7, times: 2 })
      expect((await askFor(fake, '/orders/prod')).headers['retry-after']).to.equal('7')
      expect(await statuses(fake, 3)).to.deep.equal([503, 200, 200])
    })

    it('goes on until it is told otherwise', async () => {
      const fake = await start()
      fake.misbehave({ kind: 'status', status: 404 })
      expect(await statuses(fake, 3)).to.deep.equal([404, 404, 404])
      fake.misbehave()
      expect(await statuses(fake, 1)).to.deep.equal([200])
    })

    it('cuts the connection', async () => {
      const fake = await start()
      fake.misbehave({ kind: 'reset' })
      expect(await askFor(fake, '/orders/prod').catch(({ code }) => code)).to.equal('ECONNRESET')
    })

    it('says what the test says', async () => {
      const fake = await start()
      fake.misbehave({ kind: 'body', body: '<p>', headers: { 'content-type': 'text/html', 'x-carillon-commit': 'no' } })
      const { text, headers } = await askFor(fake, '/orders/prod')
      expect([text, headers['content-type'], headers['x-carillon-commit']]).to.deep.equal(['<p>', 'text/html', 'no'])
    })

    it('answers byte by byte', async () => {
      const fake = await start()
      const { text } = await askFor(fake, '/orders/prod')
      fake.misbehave({ kind: 'drip', everyMs: 0 })
      const chunks: string[] = []
      const { body } = await fetch(`${fake.url}/orders/prod`)
      for await (const chunk of body ?? []) chunks.push(Buffer.from(chunk).toString())
      expect(chunks.join('')).to.equal(text)
      expect(chunks.length).to.be.above(20)
    })

    for (const fault of [{ kind: 'hang' }, { kind: 'drip', everyMs: 60_000 }] as const) {
      it(`does not finish with ${fault.kind}, and closes all the same`, async () => {
        const fake = await start()
        fake.misbehave(fault)
        let settled = false
        const asked = askFor(fake, '/orders/prod').catch(() => 'cut')
        void asked.then(() => {
          settled = true
        })
        while (fake.requests.length === 0) await new Promise(setImmediate)
        expect(settled).to.equal(false)
        await fake.close()
        expect(await asked).to.equal('cut')
      })
    }
  })

  it('closes twice, ends idle connections, and can be started anew at the same port', async () => {
    const fake = await start()
    await (await fetch(`${fake.url}/orders/prod`)).text()
    await Promise.all([fake.close(), fake.close()])
    expect(await askFor(fake, '/orders/prod').catch(({ code }) => code)).to.equal('ECONNREFUSED')
    const again = await start({ apps, port: portOf(fake) })
    expect(again.url).to.equal(fake.url)
    expect((await askFor(again, '/orders/prod')).status).to.equal(200)
  })

  it('says that a port is taken', async () => {
    const { port } = new URL((await start()).url)
    expect(await startFakeServer({ port: Number(port) }).catch(({ code }) => code)).to.equal('EADDRINUSE')
  })
})
