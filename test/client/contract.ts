import { randomUUID } from 'node:crypto'
import { createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { z } from 'zod'
import { type BusLink, type Change, type Config, ConfigError, type LoadOptions, load } from '../../client/src/index.js'
import { canary } from '../../scripts/canary.mjs'
import { eventually } from '../server/trees/repositories.js'

const SECRET = canary('contract')

/** A server of configuration with a repository behind it, and a bus that its changes are announced on. */
export interface Peer {
  readonly url: string
  /** Commits to the branch main. */
  readonly commit: (files: Readonly<Record<string, string>>) => string
  /** A further branch at what is committed now. */
  readonly branch: (name: string) => void
  /** Has a commit announced that the server does not see by itself. */
  readonly announce: (application: string) => Promise<void>
  readonly bus: () => BusLink
  /** Outcomes of the acks of this application's instances, in the order in which they were heard. */
  readonly outcomes: (application: string) => readonly (string | undefined)[]
  /** Whether its answers say in which line a value stands. */
  readonly lines: boolean
}

const schema = z.object({
  shop: z.object({
    greeting: z.string(),
    limit: z.coerce.number().max(100),
    readTimeout: z.string().default('1s'),
    hosts: z.array(z.object({ name: z.string(), port: z.coerce.number() })).default([]),
  }),
  mail: z.object({ from: z.string() }).optional(),
})
type Shop = z.infer<typeof schema>

const PATIENCE = 15_000

/** What the client promises, whoever serves. `application` is a name that nobody else uses. */
export function clientContract(peer: () => Peer, application: string): void {
  const open: Config<unknown>[] = []
  const start = async (options: LoadOptions<typeof schema> = {}): Promise<Config<Shop>> => {
    const given = { uri: peer().url, name: application, local: { env: false, argv: false } as const, logger: silent }
    const config = await load({ ...given, schema, ...options })
    open.push(config)
    return config
  }
  /** Commits, and waits until the server has noticed. */
  const commit = async (files: Readonly<Record<string, string>> | string): Promise<string> => {
    const version = peer().commit(typeof files === 'string' ? { [`${application}.yml`]: files } : files)
    await eventually(
      async () => ((await (await fetch(`${peer().url}/${application}/default`)).json()) as { version?: string }).version,
      (served) => served === version,
      PATIENCE,
    )
    return version
  }
  beforeEach(() => commit(['shop:', '  greeting: one', '  limit: 1', `# ${randomUUID()}`, ''].join('\n')))
  afterEach(() => Promise.all(open.splice(0).map((config) => config.close())))

  it('merges sources as Spring does: profiles over the application, lists as a whole, names however they are spelled', async () => {
    await commit({
      [`${application}.yml`]: [
        'shop:',
        '  greeting: hello from ${shop.hosts[0].name}',
        '  limit: "7"',
        '  read-timeout: 5s',
        '  hosts: [{ name: a, port: 1 }, { name: b, port: 2 }]',
        '',
      ].join('\n'),
      [`${application}-dev.yml`]: ['shop:', '  hosts: [{ name: c, port: 3 }]', ''].join('\n'),
    })
    const config = await start({ profiles: 'dev' })
    expect(config.values).to.deep.equal({
      shop: { greeting: 'hello from c', limit: 7, readTimeout: '5s', hosts: [{ name: 'c', port: 3 }] },
    })
    expect(config.get('shop.limit')).to.equal(7)
    expect(Object.isFrozen(config.values.shop.hosts[0])).to.equal(true)
  })

  it('decrypts what the server leaves to it, and refuses what it cannot decrypt', async () => {
    const decrypt = { key: canary('contract') }
    const cipher = createCipher(() => keyOfText(decrypt.key))
    const yml = async (text: string) => `shop:\n  limit: 1\n  greeting: '{cipher}${await cipher.encrypt(text)}'\n`
    const at = await commit(await yml('hush'))
    const config = await start({ decrypt })
    expect(config.values.shop.greeting).to.equal('hush')
    expect(config.explain('shop.greeting')?.origin).to.include({ kind: 'remote', commit: at, ...(peer().lines ? { line: 3 } : {}) })
    await commit(await yml('hush, hush'))
    expect(await config.refresh()).to.include({ status: 'applied' })
    await commit(`shop: { greeting: '{cipher}00', limit: 2 }\n`)
    expect(await config.refresh()).to.include({ status: 'rejected' })
    expect(config.values.shop).to.deep.include({ greeting: 'hush, hush', limit: 1 })
  })

  it('says where a value comes from and what it covers', async () => {
    await commit({ [`${application}-eu.yml`]: 'shop.greeting: two\n' })
    const config = await start({ profiles: 'eu' })
    const { origin, overridden, value } = config.explain('shop.greeting')!
    expect(value).to.equal('two')
    expect(origin).to.include({ kind: 'remote', commit: config.version.commit, ...(peer().lines ? { line: 1 } : {}) })
    expect(origin.source).to.match(new RegExp(`${application}-eu\\.yml`))
    expect(overridden.map((one) => one.value)).to.deep.equal(['one'])
  })

  it('takes the first label that there is', async () => {
    peer().branch('release/one')
    const config = await eventually(
      () => start({ label: ['no-such-branch', 'release/one'] }).catch(() => undefined),
      (one) => one !== undefined,
      PATIENCE,
    )
    expect(config?.version.label).to.equal('release/one')
    expect(config?.version.commit).to.match(/^[0-9a-f]{40}$/)
  })

  it('refuses a label that is nowhere, and says what was asked for', async () => {
    const error = await start({ label: 'no-such-branch' }).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(ConfigError).and.to.include({ code: 'not-found' })
    expect((error as ConfigError).message)
      .to.include(application)
      .and.to.include('no-such-branch')
  })

  it('refuses values that the schema refuses, and names the key without its value', async () => {
    await commit(`shop: { greeting: one, limit: ${SECRET} }\n`)
    const error = await start().catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'invalid' })
    expect((error as ConfigError).message)
      .to.include('shop.limit')
      .and.to.not.include(SECRET)
  })

  it('takes a commit over as a whole, tells whom it concerns, and leaves the former values as they were', async () => {
    const config = await start()
    const before = config.values
    const heard: unknown[] = []
    config.watch('shop.greeting', (now, was) => heard.push([was, now]))
    config.watch('shop.limit', () => heard.push('limit'))
    const pool = await config.live(
      'shop',
      ({ shop }) => ({ of: shop.greeting, open: true }),
      (old) => {
        old.open = false
      },
    )
    const first = pool.current
    await commit('shop: { greeting: two, limit: 1 }\n')
    const result = await config.refresh()
    expect(result).to.deep.include({ keys: ['shop.greeting'], restartRequired: [] })
    expect(heard).to.deep.equal([['one', 'two']])
    expect([before.shop.greeting, config.values.shop.greeting, pool.current.of]).to.deep.equal(['one', 'two', 'two'])
    expect([first.open, pool.current.open]).to.deep.equal([false, true])
  })

  it('is unchanged when nothing of its own changed, and knows the newer commit', async () => {
    const config = await start()
    const newer = await commit('# a comment\nshop:\n  greeting: one\n  limit: 1\n')
    const changes: unknown[] = []
    config.on('change', (change) => changes.push(change))
    expect(await config.refresh()).to.include({ status: 'unchanged' })
    expect(config.version.commit).to.equal(newer)
    expect(changes).to.deep.equal([])
    expect(config.status).to.include({ stale: false, source: 'server' })
  })

  it('keeps what it has when the new values are refused, and follows once they are mended', async () => {
    const config = await start()
    const refusals: unknown[] = []
    config.on('rejected', ({ version }) => refusals.push(version.commit))
    const bad = await commit('shop: { greeting: two, limit: 1000 }\n')
    expect(await config.refresh()).to.include({ status: 'rejected' })
    await config.refresh()
    expect(refusals).to.deep.equal([bad])
    expect(config.values.shop).to.deep.include({ greeting: 'one', limit: 1 })
    expect(config.status).to.deep.include({ stale: true, wanted: { ...config.status.wanted, commit: bad } })
    expect(config.health().status).to.equal('DEGRADED')
    await commit('shop: { greeting: three, limit: 3 }\n')
    expect(await config.refresh()).to.include({ status: 'applied' })
    expect(config.values.shop).to.deep.include({ greeting: 'three', limit: 3 })
    expect(config.health().status).to.equal('UP')
  })

  it('keeps pinned keys until a restart, and says so', async () => {
    const config = await start({ refresh: { pinned: ['shop.limit'], pollMs: 0 } })
    await commit('shop: { greeting: two, limit: 2 }\n')
    const result = await config.refresh()
    expect(result).to.deep.include({ keys: ['shop.greeting'], restartRequired: ['shop.limit'] })
    expect(config.values.shop).to.deep.include({ greeting: 'two', limit: 1 })
    expect(config.status.restartRequired).to.deep.equal(['shop.limit'])
  })

  it('follows the bus, and answers what became of it', async () => {
    const config = await start({ refresh: { bus: peer().bus(), pollMs: 0, debounceMs: 0 } })
    await eventually(
      () => config.status.bus,
      (state) => state === 'connected',
      PATIENCE,
    )
    // The check that follows a connection is through when this one is.
    await config.refresh()
    const changes: Change<Shop>[] = []
    config.on('change', (change) => changes.push(change))
    const follow = async (yml: string, outcome: string) => {
      const from = peer().outcomes(application).length
      await commit(yml)
      // Its consumer may not be on the bus yet when the broker says that it is.
      for (const until = Date.now() + PATIENCE; !peer().outcomes(application).slice(from).includes(outcome); ) {
        if (Date.now() > until) throw new Error(`no ack '${outcome}', got ${peer().outcomes(application).slice(from)}`)
        await peer().announce(application)
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    }
    await follow('shop: { greeting: two, limit: 1 }\n', 'applied')
    await follow('shop: { greeting: two, limit: 1000 }\n', 'rejected')
    await follow('shop: { greeting: three, limit: 1 }\n', 'applied')
    expect(changes.map(({ cause, current }) => [cause, current.shop.greeting])).to.deep.equal([
      ['bus', 'two'],
      ['bus', 'three'],
    ])
  })
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
