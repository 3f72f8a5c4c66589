import { spawn } from 'node:child_process'
import { expect } from 'chai'
import { type Config, ConfigError, type LoadOptions, load } from '../../client/src/index.js'
import { type FakeServer, startFakeServer } from '../../client/src/testing.js'
import { useBroker } from '../tools/brokers.js'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

describe('load', () => {
  describe('from a server that means no good', () => {
    const open: { close(): Promise<void> }[] = []
    afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

    const serve = async (values: Record<string, string | number>): Promise<FakeServer> => {
      const server = await startFakeServer({ apps: { orders: values } })
      open.push(server)
      return server
    }
    const start = async ({ url }: FakeServer, options: LoadOptions = {}): Promise<Config<Record<string, unknown>>> => {
      const config = await load({ name: 'orders', uri: url, local: { env: false, argv: false }, logger: silent, ...options })
      open.push(config)
      return config
    }

    it('takes poisoned keys for keys, and leaves every object of the process alone', async () => {
      const server = await serve({
        '__proto__.polluted': 'yes',
        'a.__proto__.polluted': 'yes',
        'constructor.prototype.polluted': 'yes',
        'list[0].__proto__.polluted': 'yes',
        'db.pool': 10,
      })
      const config = await start(server)
      expect(Reflect.get({}, 'polluted')).to.equal(undefined)
      expect(Reflect.get(Object, 'polluted')).to.equal(undefined)
      expect(Reflect.get(Object.assign({}, config.values), 'polluted')).to.equal(undefined)
      expect(Reflect.get(structuredClone(config.values), 'polluted')).to.equal(undefined)
      expect(config.flat().get('__proto__.polluted')).to.equal('yes')
      expect(config.has('toString')).to.equal(false)
      expect(config.has('db.hasOwnProperty')).to.equal(false)
      expect(() => config.get('valueOf')).to.throw(ConfigError)
      server.set('orders', { 'db.pool': 11, 'db.__proto__.polluted': 'yes' })
      expect(await config.refresh()).to.include({ status: 'applied' })
      expect(Reflect.get({}, 'polluted')).to.equal(undefined)
      expect(config.toEnv({ pick: ['db.pool'] })).to.deep.equal({ DB_POOL: '11' })
    })

    it('takes 10 MB', async () => {
      const values = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, index) => [`section-${index % 50}.key-${index}`, 'x'.repeat(1_000)]),
      )
      const config = await start(await serve(values))
      expect(config.flat().size).to.equal(10_000)
      expect(config.get('section-7.key-7')).to.have.length(1_000)
    })

    it('keeps what it has where an answer drips, breaks off or is none, and follows afterwards', async () => {
      const server = await serve({ 'db.pool': 10 })
      const config = await start(server, { timeouts: { readMs: 300 }, refresh: { pollMs: 0 }, retry: false })
      server.set('orders', { 'db.pool': 11 })
      for (const kind of ['drip', 'hang', 'reset'] as const) {
        server.misbehave({ kind })
        expect(await config.refresh(), kind).to.include({ status: 'failed' })
        expect(config.values.db, kind).to.deep.equal({ pool: 10 })
      }
      server.misbehave()
      expect(await config.refresh()).to.include({ status: 'applied' })
      expect(config.status).to.include({ stale: false })
    })

    it('believes a body, and no header that speaks against it', async () => {
      const server = await serve({ 'db.pool': 10 })
      const config = await start(server, { retry: false })
      const environment = (version: string, pool: number) =>
        JSON.stringify({
          name: 'orders',
          profiles: [],
          label: null,
          version,
          state: '',
          propertySources: [{ name: 'x', source: { 'db.pool': pool } }],
        })
      const { digest } = config.version
      // The digest of before, with other values.
      server.misbehave({ kind: 'body', body: environment('f'.repeat(40), 11), headers: { 'x-carillon-digest': digest } })
      await config.refresh()
      expect(config.values.db).to.deep.equal({ pool: 11 })
      // Another commit for the same values, and one that is no commit at all.
      for (const version of ['0'.repeat(40), "'; drop table", '']) {
        server.misbehave({ kind: 'body', body: environment(version, 11) })
        expect(await config.refresh(), version).to.include({ status: 'unchanged' })
      }
    })

    it('ends a load in the middle when it is told to, and leaves nothing behind', async () => {
      const server = await serve({ 'db.pool': 10 })
      server.misbehave({ kind: 'hang' })
      const abort = new AbortController()
      const loading = load({ name: 'orders', uri: server.url, signal: abort.signal, logger: silent }).catch((error: unknown) => error)
      setTimeout(() => abort.abort(new Error('enough')), 20)
      expect(await loading).to.have.property('message', 'enough')
    })
  })

  for (const name of ['rabbitmq', 'kafka'] as const) {
    it(`leaves nothing behind that keeps a process alive after close(), with ${name}`, async function () {
      const broker = await useBroker(this, name)
      if (broker === undefined) return
      const server = await startFakeServer({ apps: { orders: { 'db.pool': 10 } } })
      const script = `
        import { load } from '@carillon/client'
        import { amqp } from '@carillon/client/amqp'
        import { kafka } from '@carillon/client/kafka'
        process.on('unhandledRejection', (reason) => { console.log('unhandled', reason); process.exit(9) })
        const url = ${JSON.stringify(broker.url)}
        const bus = url.startsWith('kafka:') ? kafka({ url }) : amqp({ url })
        const config = await load({ name: 'orders', uri: ${JSON.stringify(server.url)}, refresh: { bus } })
        const pool = await config.live('db.pool', ({ db }) => db.pool, () => console.log('disposed'))
        while (config.status.bus !== 'connected') await new Promise((resolve) => setTimeout(resolve, 20))
        const asking = config.refresh()
        await config.close()
        await config.close()
        console.log((await asking).status, pool.current)
      `
      const child = spawn(
        process.execPath,
        ['--import', 'tsx/esm', '--conditions', '@carillon/source', '--input-type=module', '-e', script],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      let said = ''
      child.stdout.on('data', (part: Buffer) => {
        said += part.toString()
      })
      const code = await new Promise((resolve) => child.once('exit', resolve))
      await server.close()
      expect(said.trim().split('\n')).to.have.members(['disposed', 'failed 10'])
      expect(code).to.equal(0)
    })
  }
})
