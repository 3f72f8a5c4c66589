import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { type DecryptPlan, decryptPlan } from '../../client/src/decrypt/plan.js'
import { type Config, ConfigError, type DecryptOptions, type LoadOptions, load } from '../../client/src/index.js'
import { type FakeServer, startFakeServer } from '../../client/src/testing.js'
import { canary, tracesIn } from '../../scripts/canary.mjs'
import { recordedKeys } from '../environment/ciphers/recorded.js'
import { clearServing, serve as serveRepository } from '../server/http/serving.js'

const KEY = canary('key')
const OLD = canary('old')
const SECRET = canary('value')
const OTHER = canary('other')
const secure = (file: string): string => fileURLToPath(new URL(`../conformance/secure/${file}`, import.meta.url))

/** What the server was told when its texts were recorded. */
const decryptOf = ({ key, salt, alias, rsa, password = '' }: (typeof recordedKeys)[number]): DecryptOptions => {
  if (alias !== undefined) return { keyStore: { file: `file:${secure('server.p12')}`, password, alias }, rsa: rsa ?? {} }
  return key?.startsWith('rsa.pem') ? { keyFile: secure('rsa.pem') } : { key: key ?? '', ...(salt === undefined ? {} : { salt }) }
}

const cipherOf = (key: string) => createCipher(() => keyOfText(key))
const encrypted = async (text = SECRET, key = KEY): Promise<string> => `{cipher}${await cipherOf(key).encrypt(text)}`
const sealed = async (property: string, text = SECRET): Promise<string> =>
  `{cipher}${await cipherOf(KEY).encrypt(`{gcm:1}${text}`, { property })}`

describe('load, from a server that does not decrypt', () => {
  let folder: string
  let said: string[]
  let server: FakeServer | undefined
  const open: Config<unknown>[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'client-'))
    said = []
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((config) => config.close()))
    await server?.close()
    rmSync(folder, { recursive: true })
    expect(tracesIn(said.join('\n')), 'in the log').to.deep.equal([])
  })

  const log = (...words: readonly unknown[]) => said.push(words.map((word) => inspect(word, { depth: 9 })).join(' '))
  type Values = Readonly<Record<string, string | number>>
  /** `weaker` is what all profiles have, `values` what `prod` has over that. */
  const serve = async (values: Values, weaker: Values = {}): Promise<FakeServer> => {
    server = await startFakeServer({ apps: { orders: weaker, 'orders/prod': values } })
    return server
  }
  const start = async (decrypt: DecryptOptions | undefined, options: LoadOptions = {}) => {
    const config = await load({
      uri: server?.url ?? '',
      name: 'orders',
      profiles: 'prod',
      retry: false,
      local: { env: false, argv: false },
      refresh: { pollMs: 0, debounceMs: 0 },
      logger: { debug: log, info: log, warn: log, error: log },
      ...(decrypt === undefined ? {} : { decrypt }),
      ...options,
    })
    open.push(config)
    return config
  }
  const failure = async (decrypt: DecryptOptions | undefined, options?: LoadOptions): Promise<ConfigError> => {
    const error: unknown = await start(decrypt, options).catch((reason: unknown) => reason)
    if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError')
    expect(tracesIn(`${error.message}${inspect(error, { depth: 9 })}${JSON.stringify(error)}`), 'in the error').to.deep.equal([])
    return error
  }

  it('decrypts values in their places, with their origins, and takes nothing of them for another cipher text', async () => {
    const twice = await encrypted(await encrypted())
    await serve(
      { 'a.first': 1, 'db.password': await encrypted(), 'z.last': 2, twice },
      { token: await sealed('token'), 'db.password': 'weak' },
    )
    const config = await start({ key: KEY })
    expect(Object.fromEntries(config.flat())).to.include({ 'db.password': SECRET, token: SECRET, 'z.last': 2 })
    expect(config.flat().get('twice')).to.match(/^\{cipher\}/)
    const { origin, overridden } = config.explain('db.password')!
    expect([origin.kind, typeof origin.line, overridden.map(({ value }) => value)]).to.deep.equal(['remote', 'number', ['weak']])
    expect([...config.flat().keys()].slice(0, 3)).to.deep.equal(['a.first', 'db.password', 'z.last'])
  })

  it('reads what a Spring server encrypted, with every kind of key and algorithm', async () => {
    for (const recorded of recordedKeys) {
      const [vector] = recorded.vectors
      await serve({ a: `{cipher}${vector?.cipher}` })
      expect((await start(decryptOf(recorded))).get('a'), recorded.name).to.equal(vector?.plain)
      await server?.close()
    }
  })

  it('takes several keys, by the ids that texts name and by trying', async () => {
    const named = `{cipher}{key:2025}${(await encrypted(OTHER, OLD)).slice('{cipher}'.length)}`
    await serve({ named, unnamed: await encrypted(OTHER, OLD), now: await encrypted() })
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, `${KEY}\n`)
    const config = await start({ keyFile, keys: { 2025: OLD } })
    expect([config.get('named'), config.get('unnamed'), config.get('now')]).to.deep.equal([OTHER, OTHER, SECRET])
  })

  it('names a value that it has no key for, its place and what to do, and nothing of its text', async () => {
    const text = await encrypted()
    await serve({ 'db.password': text, b: 1 })
    const error = await failure(undefined)
    expect(error).to.include({ code: 'undecipherable' })
    expect(error.message)
      .to.match(/^ {2}db\.password \(.*\d+:\d+\): there is no key here$/m)
      .and.include('CARILLON_ENCRYPT_KEY')
      .and.not.include(text.slice(8, 20))
  })

  const wrong: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
    ['made with another key', () => encrypted(SECRET, OTHER), /another key/],
    ['cut short', async () => (await encrypted()).slice(0, -2), /damaged/],
    ['sealed for another property', () => sealed('db.user'), /for another property/],
    ['no cipher text at all', async () => `{cipher}${SECRET}`, /damaged/],
  ]
  for (const [what, text, says] of wrong)
    it(`refuses a value that is ${what}, whatever weaker sources have`, async () => {
      await serve({ 'db.password': await text() }, { 'db.password': 'weak' })
      expect((await failure({ key: KEY })).message).to.match(says)
    })

  it('minds no value that does not count: one of another profile, or one that an argument covers', async () => {
    await serve({ a: await encrypted(), b: await encrypted(SECRET, OTHER) }, { a: await encrypted(SECRET, OTHER) })
    const config = await start({ key: KEY }, { local: { env: false, argv: ['--b=mine'] } })
    expect([config.get('a'), config.get('b')]).to.deep.equal([SECRET, 'mine'])
  })

  it('leaves a value out where that is asked for, hides all that is weaker, and says so', async () => {
    const lost = await encrypted(SECRET, OTHER)
    const weaker = {
      'db.pass-word': 'weak',
      'db.user': 'ada',
      'hosts[0]': 'one',
      'hosts[1]': 'two',
      'deep.er': 'weak',
      url: 'x://${db.password}',
    }
    await serve({ 'db.password': lost, 'hosts[0]': lost, deep: lost, only: '${db.password}' }, weaker)
    const defaults = { db: { password: 'weaker', port: 1 } }
    const env = { DB_PASSWORD: 'weakest' }
    const config = await start({ key: KEY, failed: 'omit' }, { defaults, local: { env, argv: false, wins: false } })
    expect(config.values).to.deep.equal({
      db: { user: 'ada', port: 1 },
      hosts: [null],
      only: '${db.password}',
      url: 'x://${db.password}',
    })
    expect(config.has('db.password')).to.equal(false)
    expect(config.explain('db.password')?.value).to.equal(null)
    const told = said.filter((line) => line.includes('cannot be decrypted and is left out'))
    expect(told).to.have.length(3)
    expect(told.join())
      .to.match(/db\.password \(.*:\d+:\d+\)/)
      .and.not.include(lost.slice(8, 20))
  })

  it('keeps cipher texts where that is asked for', async () => {
    const [mine, other] = [await encrypted(), await encrypted(SECRET, OTHER)]
    await serve({ mine, other })
    expect((await start({ failed: 'keep' })).values).to.deep.equal({ mine, other })
    expect((await start({ failed: 'keep', key: KEY })).values).to.deep.equal({ mine: SECRET, other })
  })

  it('decrypts again at each refresh, and refuses what it cannot decrypt, with path and code', async () => {
    const { set } = await serve({ 'db.password': await encrypted() })
    const config = await start({ key: KEY })
    const pool = await config.live('db', ({ db }) => db.password)
    const seen: unknown[] = []
    config.watch('db.password', (now, was) => seen.push([was, now]))
    set('orders/prod', { 'db.password': await encrypted(OTHER) })
    expect(await config.refresh()).to.deep.include({ status: 'applied', keys: ['db.password'] })
    expect([pool.current, seen]).to.deep.equal([OTHER, [[SECRET, OTHER]]])
    set('orders/prod', { 'db.password': await encrypted(OTHER), more: 1 })
    expect(await config.refresh()).to.deep.include({ keys: ['more'] })

    const text = await encrypted(SECRET, OLD)
    set('orders/prod', { 'db.password': text })
    const result = await config.refresh()
    expect(result.status === 'rejected' && result.issues).to.deep.equal([
      {
        message: 'its text is damaged, or was made with another key or for another property',
        path: ['db', 'password'],
        code: 'undecipherable',
      },
    ])
    expect([config.get('db.password'), config.status.stale, pool.current]).to.deep.equal([OTHER, true, OTHER])
    expect(said.join('\n')).to.include('db.password').and.not.include(text.slice(8, 20))
  })

  it('keeps on disk what the server sent, and decrypts it at a start without a server', async () => {
    await serve({ 'db.password': await encrypted() })
    const snapshot = { folder }
    await (await start({ key: KEY }, { snapshot })).close()
    const [file = ''] = readdirSync(folder)
    const content = readFileSync(join(folder, file))
    expect(content.toString()).to.include('{cipher}')
    expect(tracesIn(content)).to.deep.equal([])
    await server?.close()
    const config = await start({ key: KEY }, { snapshot })
    expect([config.status.source, config.get('db.password')]).to.deep.equal(['snapshot', SECRET])
    expect((await failure({ key: OLD }, { snapshot })).code).to.equal('undecipherable')
  })

  it('keeps nothing on disk of what a server decrypted, unless there is a key for that', async () => {
    const files = { 'orders.yml': `db.password: '${await encrypted()}'\n`, 'shop.yml': 'a: 1\n' }
    const carillon = await serveRepository({ files, flags: { 'encrypt.key': KEY } })
    const { url: uri } = carillon
    for (const name of ['orders', 'shop']) await (await start(undefined, { uri, name, snapshot: { folder } })).close()
    expect(readdirSync(folder).map((file) => file.split('-')[0])).to.deep.equal(['shop'])
    expect(said.filter((line) => line.includes('is not kept'))).to.have.lengthOf(1)
    const keyed = { uri, snapshot: { folder, encryptKey: '0f'.repeat(32) } }
    await (await start(undefined, keyed)).close()
    await carillon.close()
    const config = await start(undefined, keyed)
    expect([config.status.source, config.get('db.password')]).to.deep.equal(['snapshot', SECRET])
    await clearServing()
  })

  const unusable: readonly (readonly [string, DecryptOptions, RegExp])[] = [
    ['an empty key', { key: ' ' }, /The key is empty/],
    ['a public key', { key: `ssh-rsa ${KEY}` }, /not in correct format/],
    ['a damaged PEM', { key: `-----BEGIN RSA PRIVATE KEY-----${KEY}-----END RSA PRIVATE KEY-----` }, /key/],
    ['a file that is not there', { keyFile: '/nowhere/key' }, /'\/nowhere\/key' cannot be read/],
    ['an address of another kind', { keyFile: 'classpath:key' }, /expected a path or a file: address/],
    ['a wrong password', { keyStore: { file: secure('server.p12'), password: KEY, alias: 'a' } }, /password of the key store is wrong/],
    ['an alias that there is not', { keyStore: { file: secure('server.p12'), password: 'letmein1', alias: 'a' } }, /no key 'a': it has/],
    ['a salt that is no hex', { key: KEY, salt: SECRET }, /salt .* not hex/],
    ['two keys', { key: KEY, keyFile: 'x' }, /more than one/],
  ]
  for (const [what, decrypt, says] of unusable)
    it(`refuses ${what} at the start, before any server is asked`, async () => {
      await serve({ a: 1 })
      const error = await failure(decrypt)
      expect([error.code, server?.requests.length]).to.deep.equal(['bad-options', 0])
      expect(error.message).to.match(says)
    })
})

describe('decryptPlan', () => {
  const store = { ENCRYPT_KEYSTORE_LOCATION: 'file:/k.p12', ENCRYPT_KEYSTORE_PASSWORD: 'p', ENCRYPT_KEYSTORE_ALIAS: 'a' }
  const spring = { algorithm: 'DEFAULT', strong: false } as const
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, DecryptOptions | undefined, DecryptPlan])[] = [
    ['nothing', {}, undefined, { failed: 'refuse', keys: undefined }],
    ["Spring's variable", { ENCRYPT_KEY: 'k', ENCRYPT_SALT: 'ff' }, undefined, { failed: 'refuse', keys: { key: 'k', salt: 'ff' } }],
    ['our own first', { ENCRYPT_KEY: 'k', CARILLON_ENCRYPT_KEY: 'c' }, undefined, { failed: 'refuse', keys: { key: 'c' } }],
    ['an empty one as none', { ENCRYPT_KEY: '' }, undefined, { failed: 'refuse', keys: undefined }],
    ['a file', { CARILLON_ENCRYPT_KEY_FILE: '/k' }, undefined, { failed: 'refuse', keys: { keyFile: '/k' } }],
    [
      'a key store before a key',
      { ...store, ENCRYPT_KEY: 'k' },
      undefined,
      { failed: 'refuse', keys: { keyStore: { file: 'file:/k.p12', password: 'p', alias: 'a' }, rsa: spring } },
    ],
    [
      'a key store with all there is',
      { ...store, CARILLON_KEY_STORE_SECRET: 's', ENCRYPT_RSA_ALGORITHM: 'oaep', ENCRYPT_RSA_STRONG: 'TRUE', ENCRYPT_RSA_SALT: '00' },
      undefined,
      {
        failed: 'refuse',
        keys: {
          keyStore: { file: 'file:/k.p12', password: 'p', alias: 'a', secret: 's' },
          rsa: { algorithm: 'OAEP', strong: true, salt: '00' },
        },
      },
    ],
    ['options before variables', { ENCRYPT_KEY: 'k', ENCRYPT_SALT: 'ff' }, { key: 'o' }, { failed: 'refuse', keys: { key: 'o' } }],
    [
      'a key beside an option that is none',
      { ENCRYPT_KEY: 'k' },
      { failed: 'keep' },
      { failed: 'keep', keys: { key: 'k', failed: 'keep' } },
    ],
    ['what Spring does with errors', { ENCRYPT_FAIL_ON_ERROR: 'false' }, undefined, { failed: 'omit', keys: undefined }],
  ]
  for (const [what, env, options, plan] of rows) it(`takes ${what}`, () => expect(decryptPlan(options, env)).to.deep.equal(plan))

  const refused: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['a store without an alias', { ENCRYPT_KEYSTORE_LOCATION: '/k' }, /ENCRYPT_KEYSTORE_ALIAS is missing/],
    ['a key and a file', { ENCRYPT_KEY: KEY, CARILLON_ENCRYPT_KEY_FILE: '/k' }, /both set/],
    ['an algorithm that there is not', { ...store, ENCRYPT_RSA_ALGORITHM: KEY }, /neither default nor oaep/],
    ['what is neither true nor false', { ENCRYPT_FAIL_ON_ERROR: KEY }, /neither true nor false/],
  ]
  for (const [what, env, says] of refused)
    it(`refuses ${what}, without quoting it`, () => {
      expect(() => decryptPlan(undefined, env)).to.throw(ConfigError, says)
      expect(() => decryptPlan(undefined, env)).not.to.throw(KEY)
    })
})
