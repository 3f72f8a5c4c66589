import { expect } from 'chai'
import { type Change, type Config, ConfigError, load, type RefreshResult } from '../../client/src/index.js'
import { jsonSchema } from '../../client/src/json-schema.js'
import { fakeConfig } from '../../client/src/testing/fake-config.js'
import { startFakeServer } from '../../client/src/testing/fake-server.js'

interface Shop {
  readonly db: { readonly url: string; readonly poolMax: number }
  readonly hosts: readonly string[]
  readonly note?: string
}

const first: Shop = { db: { url: 'one', poolMax: 5 }, hosts: ['a', 'b'] }

/** A configuration, and the hand that changes it. */
interface Hand {
  readonly config: Config<Shop>
  /** All values, anew. */
  readonly change: (values: Shop) => Promise<RefreshResult>
  readonly spoil: () => Promise<RefreshResult>
  readonly fail: () => Promise<RefreshResult>
  readonly end: () => Promise<void>
}

const properties = {
  db: { type: 'object', required: ['url', 'poolMax'], properties: { url: { type: 'string' }, poolMax: { type: 'integer' } } },
  hosts: { type: 'array', items: { type: 'string' } },
  note: { type: 'string' },
}
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const hands: Readonly<Record<string, () => Promise<Hand>>> = {
  'load(), of a fake server': async () => {
    const server = await startFakeServer({ apps: { shop: { ...first } } })
    const config = await load({
      name: 'shop',
      uri: server.url,
      schema: jsonSchema<Shop>({ type: 'object', properties }),
      local: { env: false, argv: false },
      refresh: { pollMs: 0, debounceMs: 0 },
      retry: false,
      logger: silent,
    })
    const asked = async (change: () => unknown) => {
      server.misbehave()
      change()
      return config.refresh()
    }
    return {
      config,
      change: (values) => asked(() => server.set('shop', { ...values })),
      spoil: () => asked(() => server.set('shop', { ...first, db: { url: 'one', poolMax: 'many' } })),
      fail: () => asked(() => server.misbehave({ kind: 'reset' })),
      end: async () => {
        await config.close()
        await server.close()
      },
    }
  },
  'fakeConfig()': async () => {
    const config = fakeConfig<Shop>(first)
    return {
      config,
      change: (values) => config.push({ note: undefined, ...values }),
      spoil: () => config.reject([{ message: 'no', path: ['db', 'poolMax'] }]),
      fail: () => config.fail(),
      end: () => config.close(),
    }
  },
}

for (const [name, begin] of Object.entries(hands)) {
  describe(name, () => {
    let hand: Hand
    let config: Config<Shop>
    beforeEach(async () => {
      hand = await begin()
      config = hand.config
    })
    afterEach(() => hand.end())

    it('has values that nobody changes, at paths in any spelling', () => {
      expect(config.values).to.deep.equal(first)
      expect(Object.isFrozen(config.values.db)).to.equal(true)
      expect(config.get('db.poolMax')).to.equal(5)
      expect((config as Config<Record<string, unknown>>).get('db.pool-max')).to.equal(5)
      expect(config.get('note', 'none')).to.equal('none')
      expect([config.has('DB_POOLMAX'), config.has('db.pool_max'), config.has('db.nothing')]).to.deep.equal([false, true, false])
      expect(() => (config as Config<Record<string, unknown>>).get('db.poolMin'))
        .to.throw(ConfigError, "Did you mean 'db.poolMax'")
        .with.property('code', 'no-such-key')
    })

    it('has flat keys, variables and origins', () => {
      expect([...config.flat()]).to.deep.include.members([
        ['db.url', 'one'],
        ['hosts[1]', 'b'],
      ])
      expect(config.toEnv()).to.deep.include({ DB_URL: 'one', DB_POOL_MAX: '5', HOSTS_0: 'a' })
      expect(config.toEnv({ prefix: 'X_', pick: ['hosts'] })).to.deep.equal({ X_HOSTS_0: 'a', X_HOSTS_1: 'b' })
      expect(config.explain('db.url')).to.deep.include({ path: 'db.url', value: 'one' }).and.nested.include({ 'origin.kind': 'remote' })
      expect(config.explain('db.nothing')).to.equal(undefined)
    })

    it('is up, and of a server', () => {
      expect(config.health().status).to.equal('UP')
      expect(config.status).to.include({ source: 'server', stale: false, closed: false })
      expect(config.version.commit).to.match(/^[0-9a-f]{40}$/)
      expect(config.version.digest).to.match(/^[0-9a-f]{64}$/)
    })

    it('takes a change over as a whole, and tells whom it concerns', async () => {
      const { values: before, version } = config
      const told: unknown[] = []
      const changes: Change<Shop>[] = []
      config.watch('db.url', (now, was) => told.push(['db.url', now, was]))
      config.watch('db', (now, was) => told.push(['db', now, was]))
      config.watch('hosts', () => told.push('hosts'))
      config.on('change', (change) => changes.push(change))
      const db = { url: 'two', poolMax: 5 }
      const result = await hand.change({ ...first, db, hosts: ['a', 'b'] })
      expect(result).to.deep.include({ status: 'applied', keys: ['db.url'], version: config.version })
      expect(told).to.deep.equal([
        ['db.url', 'two', 'one'],
        ['db', db, first.db],
      ])
      expect(changes).to.have.lengthOf(1)
      expect(changes[0]).to.include({ previous: before, current: config.values }).and.deep.include({ from: version, to: config.version })
      expect([...(changes[0]?.changes ?? [])]).to.deep.equal([['db.url', { op: 'set', was: 'one', now: 'two' }]])
      expect(before.db.url).to.equal('one')
      expect(config.values.hosts).to.equal(before.hosts)
    })

    it('tells what comes and what goes', async () => {
      const seen: unknown[] = []
      config.on('change', ({ changes }) => seen.push(Object.fromEntries(changes)))
      await hand.change({ ...first, note: 'x' })
      await hand.change({ ...first, hosts: ['a'] })
      expect(seen).to.deep.equal([
        { note: { op: 'add', now: 'x' } },
        { note: { op: 'del', was: 'x' }, 'hosts[1]': { op: 'del', was: 'b' } },
      ])
    })

    it('tells nobody where nothing is new', async () => {
      const { version } = config
      config.on('change', () => expect.fail('there is no change'))
      expect(await hand.change({ ...first, hosts: ['a', 'b'] })).to.deep.include({ status: 'unchanged' })
      expect(config.version.digest).to.equal(version.digest)
    })

    it('goes on where a listener fails, and stops where one is closed', async () => {
      const told: unknown[] = []
      const errors: ConfigError[] = []
      config.watch('db.url', () => {
        throw new Error('a mistake')
      })
      config.on('error', (error) => errors.push(error))
      const last = config.watch('db.url', (now) => told.push(now))
      await hand.change({ ...first, db: { url: 'two', poolMax: 5 } })
      last.close()
      await hand.change({ ...first, db: { url: 'three', poolMax: 5 } })
      expect(told).to.deep.equal(['two'])
      expect(errors).to.have.lengthOf(2)
    })

    it('makes what is live anew, and keeps everything where that fails', async () => {
      const ended: string[] = []
      const make = ({ db }: Readonly<Shop>) => {
        if (db.url === 'broken') throw new Error('no such host')
        return { url: db.url }
      }
      const live = await config.live('db', make, ({ url }) => void ended.push(url))
      await hand.change({ ...first, db: { url: 'two', poolMax: 5 } })
      expect([live.current.url, ended]).to.deep.equal(['two', ['one']])
      const result = await hand.change({ ...first, db: { url: 'broken', poolMax: 5 } })
      expect(result.status).to.equal('rejected')
      expect([live.current.url, config.values.db.url, ended]).to.deep.equal(['two', 'two', ['one']])
      await config.close()
      expect(ended).to.deep.equal(['one', 'two'])
    })

    it('keeps what it has where a schema refuses, says so once, and goes on from there', async () => {
      const rejected: unknown[] = []
      config.on('rejected', ({ issues, version }) => rejected.push([issues[0]?.path, version.digest === config.version.digest]))
      config.on('change', () => rejected.push('change'))
      expect((await hand.spoil()).status).to.equal('rejected')
      expect((await config.refresh()).status).to.equal('rejected')
      expect(rejected).to.deep.equal([[['db', 'poolMax'], false]])
      expect(config.values).to.deep.equal(first)
      expect(config.health()).to.include({ status: 'DEGRADED' })
      expect(config.status.wanted?.digest).to.not.equal(config.status.applied.digest)
      expect((await hand.change(first)).status).to.equal('unchanged')
      expect((await hand.change({ ...first, note: 'x' })).status).to.equal('applied')
      expect(config.health()).to.include({ status: 'UP' })
    })

    it('keeps what it has while no server answers', async () => {
      const errors: ConfigError[] = []
      const statuses: boolean[] = []
      config.on('error', (error) => errors.push(error))
      config.on('status', ({ stale }) => statuses.push(stale))
      expect(await hand.fail())
        .to.deep.include({ status: 'failed' })
        .and.nested.include({ 'error.code': 'unreachable' })
      expect((await config.refresh()).status).to.equal('failed')
      expect(errors.map(({ code }) => code)).to.deep.equal(['unreachable', 'unreachable'])
      expect(config.health()).to.include({ status: 'DEGRADED' })
      expect(config.values).to.deep.equal(first)
      expect((await hand.change({ ...first, note: 'x' })).status).to.equal('applied')
      expect(config.health()).to.include({ status: 'UP' })
      expect(statuses.at(0)).to.equal(true)
      expect(statuses.at(-1)).to.equal(false)
    })

    it('closes twice, and says no more than it knew', async () => {
      await Promise.all([config.close(), config.close()])
      expect(config.health().status).to.equal('DOWN')
      expect(config.values).to.deep.equal(first)
      expect(await config.refresh())
        .to.deep.include({ status: 'failed' })
        .and.nested.include({ 'error.code': 'closed' })
    })
  })
}

describe('fakeConfig()', () => {
  it('lays a patch over the values, and takes away what is undefined', async () => {
    await using config = fakeConfig({ a: { b: 1, c: [1, 2] as readonly number[] }, d: 'x' as string | undefined })
    await config.push({ a: { c: [3] }, d: undefined })
    expect(config.values).to.deep.equal({ a: { b: 1, c: [3] } })
    await config.push({ d: 'y' })
    expect(config.values).to.deep.equal({ a: { b: 1, c: [3] }, d: 'y' })
  })

  it('tells a push as an event of the bus', async () => {
    await using config = fakeConfig({ a: 1 })
    const causes: string[] = []
    config.on('change', ({ cause }) => causes.push(cause))
    await config.push({ a: 2 })
    config.disconnect()
    expect(config.status.bus).to.equal('connecting')
    await config.push({ a: 3 })
    config.connect()
    expect(config.status.bus).to.equal('connected')
    expect(causes).to.deep.equal(['bus', 'manual'])
  })

  it('takes pushes in their order', async () => {
    await using config = fakeConfig({ a: 1, b: 1 })
    const results = await Promise.all([config.push({ a: 2 }), config.push({ b: 2 }), config.push({ a: 3 })])
    expect(config.values).to.deep.equal({ a: 3, b: 2 })
    expect(results.map(({ status }) => status)).to.not.include('failed')
  })

  it('leaves what it is given alone, and keeps what is no plain object as it is', async () => {
    const given = { at: new Date(0), list: [{ n: 1n }] }
    await using config = fakeConfig(given)
    expect(config.values.at).to.equal(given.at)
    expect(config.values.list[0]?.n).to.equal(1n)
    given.list.push({ n: 2n })
    expect(config.values.list).to.have.lengthOf(1)
    expect([...config.flat()]).to.deep.equal([
      ['at', '1970-01-01T00:00:00.000Z'],
      ['list[0].n', '1'],
    ])
  })

  it('fails and refuses as it is told', async () => {
    await using config = fakeConfig({ a: 1 })
    const error = new ConfigError('unauthorized', 'no')
    expect(await config.fail(error)).to.deep.equal({ status: 'failed', error })
    const issues = [{ message: 'too small', path: ['a'] }]
    expect(await config.reject(issues)).to.deep.include({ status: 'rejected', issues })
    expect(await config.reject()).to.deep.include({ status: 'rejected' })
  })

  it('keeps a __proto__ key inert', async () => {
    await using config = fakeConfig<Record<string, unknown>>({ a: 1 })
    await config.push(JSON.parse('{"__proto__":{"polluted":1}}'))
    expect(({} as { polluted?: number }).polluted).to.equal(undefined)
  })
})
