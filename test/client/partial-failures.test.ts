import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { z } from 'zod'
import { environmentChangeEvent, type MessageInfo, openBus, openTransport, refreshEvent } from '../../bus/src/index.js'
import { amqp } from '../../client/src/amqp.js'
import { type BusLink, type Config, ConfigError, type LoadOptions, load } from '../../client/src/index.js'
import { canary, tracesIn } from '../../scripts/canary.mjs'
import { eventually } from '../server/trees/repositories.js'
import { manualClock } from './tools/clock.js'
import { refused, scriptedServer } from './tools/server.js'

const SECRET = canary('value')

const schema = z.object({ db: z.object({ url: z.string(), pool: z.number().max(50) }) })
const first = { 'db.url': 'postgres://one', 'db.pool': 10 }
const HOUR = 3_600_000

// The rows of the table in shared/spec/client-api.md, 1.4.
describe('load', () => {
  describe('when something fails', () => {
    let clock = manualClock()
    let server = scriptedServer(first)
    let logged: string[] = []
    const open: { close(): Promise<void> }[] = []
    const folders: string[] = []
    const log = (message: unknown) => logged.push(String(message))
    const logger = { debug: log, info: log, warn: log, error: log }

    beforeEach(() => {
      clock = manualClock()
      server = scriptedServer(first)
      logged = []
    })
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()))
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
      expect(clock.sleepers(), 'sleepers after close').to.equal(0)
    })

    const begin = (options: LoadOptions<typeof schema> = {}): Promise<Config<z.infer<typeof schema>>> =>
      load({
        name: 'orders',
        uri: 'http://a',
        schema,
        fetch: server.fetch,
        clock,
        random: () => 0.5,
        logger,
        local: { env: false, argv: false },
        ...options,
      })
    /** Loads while time passes. */
    const start = async (options?: LoadOptions<typeof schema>) => {
      const loading = begin(options).then(
        (config) => ({ config, error: undefined }),
        (error: unknown) => ({ config: undefined, error }),
      )
      let done = false
      void loading.finally(() => {
        done = true
      })
      for (let i = 0; i < 60 && !done; i++) await clock.pass(1_000)
      const { config, error } = await loading
      if (config === undefined) throw error
      open.push(config)
      return config
    }
    const failure = async (options?: LoadOptions<typeof schema>): Promise<ConfigError> => {
      const error: unknown = await start(options).catch((reason: unknown) => reason)
      if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${error}`)
      return error
    }
    const folder = () => {
      const path = mkdtempSync(join(tmpdir(), 'client-'))
      folders.push(path)
      return path
    }
    /** A bus in this process, and a server on it. */
    const memoryBus = async () => {
      const name = `memory:${randomUUID()}`
      const acks: MessageInfo[] = []
      const link: BusLink = {
        join: (member) =>
          openBus({ ...member, openTransport: (events) => openTransport(name, { ...events, destination: 'b', receives: 'events' }) }),
      }
      const announcer = openBus({
        busId: 'server:0:x',
        openTransport: (events) => openTransport(name, { ...events, destination: 'b', receives: 'all' }),
        onEvent: () => undefined,
        onAck: (ack, info) => ack.originService.startsWith('orders') && acks.push(info),
      })
      open.push(announcer)
      await eventually(announcer.state, (state) => state === 'connected')
      const announce = (info: MessageInfo = {}) =>
        announcer.publish(refreshEvent({ originService: announcer.id, destinationService: 'orders:**' }), info)
      const override = (values: ReadonlyMap<string, string>) =>
        announcer.publish(environmentChangeEvent({ originService: announcer.id, destinationService: 'orders:**', values }))
      const acked = (count: number) =>
        eventually(
          () => acks,
          ({ length }) => length >= count,
        )
      return { link, announce, override, acks, acked }
    }
    const connected = (config: Config<unknown>) =>
      eventually(
        () => config.status,
        ({ bus, lastCheck }) => bus === 'connected' && lastCheck !== undefined,
      )

    describe('a server that is down at start', () => {
      it('is asked again and again until the time for the start is over; the error lists each server', async () => {
        server.misbehave(refused)
        const error = await failure({ uri: ['http://a', 'http://user:secret@b'], timeouts: { startupMs: 30_000 } })
        expect(error).to.include({ code: 'unreachable' })
        expect(error.attempts.map(({ uri }) => uri)).to.have.members(['http://a', 'http://b'])
        expect(error.message).to.include('http://b').and.to.include('refused').and.to.not.include('secret')
        expect(server.requests.length).to.be.greaterThan(6)
      })

      it('is waited for', async () => {
        let asked = 0
        server.misbehave(() => (++asked < 4 ? refused() : undefined))
        const config = await start()
        expect(config.status).to.include({ source: 'server', stale: false })
      })

      it('has a stand-in in the last known good answer, which is followed as soon as it is back', async () => {
        const snapshot = { folder: folder(), encryptKey: 'correct horse battery staple' }
        const before = await start({ snapshot })
        await before.close()
        server.misbehave(refused)
        const config = await start({ snapshot })
        expect(config.values.db.pool).to.equal(10)
        expect(config.status).to.include({ source: 'snapshot', stale: true })
        expect(config.health().status).to.equal('DEGRADED')
        server.misbehave()
        server.commit({ ...first, 'db.pool': 20 })
        await clock.pass(20_000)
        expect(config.values.db.pool).to.equal(20)
        expect(config.health().status).to.equal('UP')
      })

      it('has the values in that stand-in that were in use last, whatever the digest said of them', async () => {
        const snapshot = { folder: folder() }
        const before = await start({ snapshot })
        const { digest } = before.version
        server.commit({ ...first, 'db.pool': 12 })
        server.misbehave((asked) => {
          const answer = server.answer(asked)
          answer.headers.set('x-carillon-digest', digest)
          return answer
        })
        expect(await before.refresh()).to.include({ status: 'applied' })
        await before.close()
        server.misbehave(refused)
        const config = await start({ snapshot })
        expect(config.values.db.pool).to.equal(12)
      })

      it('has no stand-in that is too old', async () => {
        const snapshot = { folder: folder(), maxAgeMs: HOUR }
        await (await start({ snapshot })).close()
        server.misbehave(refused)
        await clock.pass(2 * HOUR)
        expect(await failure({ snapshot })).to.include({ code: 'unreachable' })
      })

      it('leaves the defaults, where nothing is required', async () => {
        server.misbehave(refused)
        const config = await start({ required: false, defaults: { db: { url: 'postgres://local', pool: 1 } } })
        expect(config.values).to.deep.equal({ db: { url: 'postgres://local', pool: 1 } })
        expect(config.status).to.include({ source: 'defaults', stale: true })
        server.misbehave()
        await clock.pass(20_000)
        expect(config.values.db.url).to.equal('postgres://one')
      })
    })

    for (const status of [401, 403, 404]) {
      it(`ends a start at once at ${status}, whatever is on disk`, async () => {
        const snapshot = { folder: folder() }
        await (await start({ snapshot })).close()
        server.misbehave(() => new Response('{}', { status, headers: { 'content-type': 'application/json' } }))
        const asked = server.requests.length
        expect(await failure({ snapshot })).to.include({ code: status === 404 ? 'not-found' : 'unauthorized' })
        expect(server.requests.length).to.equal(asked + 1)
      })
    }

    it('ends a start at once where the schema refuses the values, whatever is on disk', async () => {
      const snapshot = { folder: folder() }
      await (await start({ snapshot })).close()
      server.commit({ ...first, 'db.pool': 5000 })
      const error = await failure({ snapshot })
      expect(error).to.include({ code: 'invalid' })
      expect(error.message).to.include('db.pool').and.to.not.include('5000')
    })

    it('does not take an empty answer for configuration', async () => {
      server.misbehave(() => Response.json({ name: 'orders', profiles: [], label: null, version: null, state: null, propertySources: [] }))
      const error = await failure({ profiles: 'prod' })
      expect(error).to.include({ code: 'not-found' })
      expect(error.message).to.include('orders').and.to.include('prod')
    })

    it('keeps its values for an hour without a server, and follows when it is back', async () => {
      const config = await start()
      const errors: string[] = []
      config.on('error', ({ code }) => errors.push(code))
      server.misbehave(refused)
      await clock.pass(HOUR)
      expect(config.values.db.pool).to.equal(10)
      expect(config.status).to.include({ stale: true, source: 'server' })
      expect(config.health().status).to.equal('DEGRADED')
      expect(new Set(errors)).to.deep.equal(new Set(['unreachable']))
      expect(
        logged.filter((line) => line.includes('refused')),
        'lines in the log',
      ).to.have.length(1)
      server.misbehave()
      server.commit({ ...first, 'db.pool': 11 })
      await clock.pass(75_000)
      expect(config.values.db.pool).to.equal(11)
      expect(config.status).to.include({ stale: false })
    })

    it('applies all or nothing: what the schema refuses is told once, and not tried again until it changes', async () => {
      const config = await start()
      const refusals: string[] = []
      config.on('rejected', ({ version }) => refusals.push(version.commit))
      const bad = server.commit({ 'db.url': 'postgres://two', 'db.pool': 5000 })
      await clock.pass(10 * 75_000)
      expect(refusals).to.deep.equal([bad])
      expect(config.values).to.deep.equal({ db: { url: 'postgres://one', pool: 10 } })
      expect(logged.join('\n')).to.not.include('5000')
      server.commit({ 'db.url': 'postgres://two', 'db.pool': 12 })
      await clock.pass(75_000)
      expect(config.values).to.deep.equal({ db: { url: 'postgres://two', pool: 12 } })
    })

    it('refuses values of which something live cannot be made, and keeps the old one', async () => {
      const config = await start()
      const disposed: number[] = []
      const make = ({ db }: { db: { pool: number } }) => {
        if (db.pool === 13) throw new Error('13 is too much')
        return db.pool
      }
      const pool = await config.live('db.pool', make, (old) => void disposed.push(old))
      server.commit({ ...first, 'db.pool': 13 })
      expect(await config.refresh()).to.include({ status: 'rejected' })
      expect([pool.current, config.values.db.pool, disposed]).to.deep.equal([10, 10, []])
      server.commit({ ...first, 'db.pool': 14 })
      expect(await config.refresh()).to.include({ status: 'applied' })
      expect([pool.current, config.values.db.pool, disposed]).to.deep.equal([14, 14, [10]])
    })

    it('keeps pinned keys, applies the rest, and says that a restart is needed', async () => {
      const config = await start({ refresh: { pinned: ['db.pool'] } })
      server.commit({ 'db.url': 'postgres://two', 'db.pool': 11 })
      expect(await config.refresh()).to.deep.include({ status: 'applied', keys: ['db.url'], restartRequired: ['db.pool'] })
      expect(config.values).to.deep.equal({ db: { url: 'postgres://two', pool: 10 } })
    })

    it('refuses a bus that cannot be joined before it asks a server', async () => {
      const error = await failure({ refresh: { bus: amqp({ url: 'redis://user:secret@host' }) } })
      expect(error).to.include({ code: 'bad-options' })
      expect(error.message).to.include('redis://host').and.to.not.include('secret')
      expect(server.requests).to.have.length(0)
    })

    it('polls while the bus is down', async () => {
      const link: BusLink = {
        join: (member) =>
          openBus({
            ...member,
            openTransport: (events) => openTransport('amqp://127.0.0.1:1', { ...events, destination: 'b', receives: 'events' }),
          }),
      }
      const config = await start({ refresh: { bus: link } })
      server.commit({ ...first, 'db.pool': 11 })
      await clock.pass(75_000)
      expect(config.values.db.pool).to.equal(11)
      expect(config.status).to.include({ bus: 'connecting', stale: false })
    })

    it('asks after each connection to the bus, because events may have been missed', async () => {
      const { link } = await memoryBus()
      const loading = begin({ refresh: { bus: link, pollMs: 0 } })
      server.commit({ ...first, 'db.pool': 10 })
      const config = await loading
      open.push(config)
      server.commit({ ...first, 'db.pool': 11 })
      await connected(config)
      await clock.pass(1_000)
      expect(config.values.db.pool).to.equal(11)
    })

    it('asks for what it was told of and for what it runs, and acknowledges', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const config = await start({ refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await clock.pass(1_000)
      const runs = config.version.commit
      const commit = server.commit({ ...first, 'db.pool': 11 })
      await announce({ commits: [commit] })
      await clock.pass(1_000)
      await acked(1)
      expect(server.requests.at(-1)?.headers.get('x-carillon-at-least')?.split(/, */)).to.have.members([runs, commit])
      expect(acks[0]).to.deep.include({ outcome: 'applied', commits: [commit] })
      expect([...(acks[0]?.digests?.values() ?? [])]).to.deep.equal([config.version.digest])
    })

    it('says by path and code why it refused, whatever the schema library puts into its messages', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const leaky = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => {
            const pool = (value as { db?: { pool?: unknown } }).db?.pool
            return pool === SECRET ? { issues: [{ message: `got ${pool}`, path: ['db', 'pool'], code: 'wrong_type' }] } : { value }
          },
        },
      }
      const config = await load({
        name: 'orders',
        uri: 'http://a',
        schema: leaky,
        fetch: server.fetch,
        clock,
        logger,
        local: { env: false, argv: false },
        refresh: { bus: link, pollMs: 0 },
      })
      open.push(config)
      await connected(config)
      await clock.pass(1_000)
      server.commit({ ...first, 'db.pool': SECRET })
      await announce()
      await clock.pass(1_000)
      await acked(1)
      expect(acks[0]).to.deep.include({ outcome: 'rejected', reason: { path: 'db.pool', code: 'wrong_type' } })
      expect(logged.join('\n')).to.include('db.pool').and.to.not.include(SECRET)
    })

    it('says by path and code which value it cannot decrypt', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const config = await start({ decrypt: { key: canary('key') }, refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await clock.pass(1_000)
      server.commit({ ...first, 'db.url': `{cipher}${canary('text')}` })
      await announce()
      await clock.pass(1_000)
      await acked(1)
      expect(acks[0]).to.deep.include({ outcome: 'rejected', reason: { path: 'db.url', code: 'undecipherable' } })
      expect(tracesIn(`${logged.join('\n')}${JSON.stringify(acks)}`)).to.deep.equal([])
      expect(config.get('db.url')).to.equal(first['db.url'])
    })

    it('answers 100 events in a second with few questions, and each event with an ack', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const config = await start({ refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await clock.pass(1_000)
      const before = server.requests.length
      const commit = server.commit({ ...first, 'db.pool': 11 })
      const changes: unknown[] = []
      config.on('change', (change) => changes.push(change))
      for (let i = 0; i < 100; i++) {
        await announce({ commits: [commit] })
        await clock.pass(10)
      }
      await clock.pass(1_000)
      await acked(100)
      expect(server.requests.length - before).to.be.within(2, 6)
      expect(changes).to.have.length(1)
      expect(new Set(acks.map(({ outcome }) => outcome))).to.deep.equal(new Set(['applied', 'unchanged']))
    })

    it('goes to another server where one lags behind what was announced', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const config = await start({ uri: ['http://a', 'http://b'], refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await clock.pass(1_000)
      const commit = server.commit({ ...first, 'db.pool': 11 })
      server.misbehave(({ base }) =>
        base === 'http://a' ? new Response('{}', { status: 503, headers: { 'retry-after': '1' } }) : undefined,
      )
      await announce({ commits: [commit] })
      await clock.pass(1_000)
      await acked(1)
      expect(acks[0]).to.deep.include({ outcome: 'applied', commits: [commit] })
    })

    it('says failed while nobody has what was announced, and applied once somebody does', async () => {
      const { link, announce, acks, acked } = await memoryBus()
      const config = await start({ refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await clock.pass(1_000)
      const commit = server.commit({ ...first, 'db.pool': 11 })
      server.misbehave(() => new Response('{}', { status: 503, headers: { 'retry-after': '1' } }))
      await announce({ commits: [commit] })
      await clock.pass(500)
      await acked(1)
      expect(acks[0]).to.deep.include({ outcome: 'failed' })
      server.misbehave()
      await clock.pass(20_000)
      await acked(2)
      expect(acks[1]).to.deep.include({ outcome: 'applied', commits: [commit] })
      expect(config.values.db.pool).to.equal(11)
    })

    it('waits up to splayMs after an event, so that a thousand instances do not ask at once', async () => {
      const { link, announce } = await memoryBus()
      const config = await start({ refresh: { bus: link, pollMs: 0, splayMs: 10_000 } })
      await connected(config)
      await clock.pass(11_000)
      const before = server.requests.length
      server.commit({ ...first, 'db.pool': 11 })
      await announce()
      await clock.pass(4_000)
      expect(server.requests.length).to.equal(before)
      await clock.pass(2_000)
      expect(config.values.db.pool).to.equal(11)
    })

    it('puts values that a bus announces over everything, and keeps them through a refresh', async () => {
      const { link, override, acked } = await memoryBus()
      const config = await start({ refresh: { bus: link, pollMs: 0 } })
      await connected(config)
      await override(new Map([['db.pool', '12']]))
      await acked(1)
      await eventually(
        () => config.values.db.pool,
        (pool) => pool === 12,
      )
      expect(config.explain('db.pool')?.origin).to.include({ kind: 'bus', source: 'bus' })
      server.commit({ 'db.url': 'postgres://two', 'db.pool': 11 })
      await config.refresh()
      expect(config.values.db).to.deep.equal({ url: 'postgres://two', pool: 12 })
    })

    it('ends a load that is under way when its signal says so', async () => {
      server.misbehave(() => new Promise(() => {}))
      const abort = new AbortController()
      const loading = begin({ signal: abort.signal }).catch((error: unknown) => error)
      await clock.pass(100)
      abort.abort(new Error('enough'))
      expect(await loading).to.be.instanceOf(Error)
    })

    it('closes in the middle of a question: it ends as failed, and nothing is applied any more', async () => {
      const config = await start()
      const abort: AbortSignal[] = []
      server.commit({ ...first, 'db.pool': 11 })
      server.misbehave(({ signal }) => {
        if (signal) abort.push(signal)
        return new Promise(() => {})
      })
      const asking = config.refresh()
      await clock.pass(100)
      await config.close()
      const result = await asking
      expect(result.status === 'failed' && result.error.code).to.equal('closed')
      expect(abort[0]?.aborted).to.equal(true)
      expect(config.values.db.pool).to.equal(10)
      expect(await config.refresh()).to.include({ status: 'failed' })
      expect(config.health().status).to.equal('DOWN')
    })
  })
})
