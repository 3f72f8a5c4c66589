import { readFileSync } from 'node:fs'
import { MASK } from '@carillon/environment'
import { type Cipher, createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { loadSettings, printSettings } from '../../../server/src/settings/load.js'
import type { EncryptSettings } from '../../../server/src/settings/settings.js'
import { type Given, git, load, problemOf, server } from './input.js'

const SECRET = canary('setting')
const KEY = canary('key')
const STORE = canary('store')
const OTHER = canary('other')

const encryptOf = (given: Given): EncryptSettings => load(given).settings.encrypt
const key = keyOfText('a password')
const cipher: Cipher = createCipher(() => key)

describe('loadSettings: ciphers', () => {
  it('has defaults as Spring has them', () => {
    const { keys, ...rest } = encryptOf({ yml: server() })
    expect(rest).to.deep.equal({ enabled: true, plainText: false, invalid: 'prefix', fallThrough: 'hide', salt: 'deadbeef' })
    expect([...keys]).to.deep.equal([])
  })
  it("takes Spring's keys in any spelling", () => {
    const yml = `${server('encrypt.enabled: false', 'encrypt.prefixInvalidProperties: false')}\nencrypt:\n  keyStore: {location: 'file:/a.jks', password: p, alias: a, secret: s}\n  rsa: {algorithm: OAEP, strong: true, salt: cafe}`
    expect(encryptOf({ yml })).to.deep.include({ enabled: false, invalid: 'text' })
    expect(encryptOf({ yml }).keyStore).to.deep.equal({
      location: { key: 'encrypt.key-store.location', location: 'file:/a.jks' },
      password: 'p',
      alias: 'a',
      secret: 's',
      rsa: { algorithm: 'OAEP', strong: true, salt: 'cafe' },
    })
    expect(encryptOf({ yml: server(), env: { ENCRYPT_KEY: 'k' } }).key).to.equal('k')
  })
  it('takes several keys by their ids, as text or as files', () => {
    const { keys } = encryptOf({ yml: `${server()}\ncarillon.encrypt.keys: {'2024': old, next: 'file:/run/secrets/next'}` })
    expect([...keys]).to.deep.equal([
      ['2024', 'old'],
      ['next', { key: 'carillon.encrypt.keys.next', location: 'file:/run/secrets/next' }],
    ])
  })

  const problems: readonly (readonly [string, string, string])[] = [
    ['a salt that is no hex', 'encrypt.salt: salty', 'encrypt.salt: is not hex'],
    ['a store without an alias', 'encrypt.key-store.location: /a.jks', 'encrypt.key-store.alias is missing'],
    ['a store on a class path', 'encrypt.key-store: {location: "classpath:/a.jks", alias: a}', 'expected a path or a file: address'],
    ['two keys', `encrypt.key: ${SECRET}\ncarillon.encrypt.key-file: /k`, 'both are given; give one'],
    ['an empty key', 'carillon.encrypt.keys: {a: ""}', 'carillon.encrypt.keys.a: is empty'],
    ['an unknown algorithm', 'encrypt.rsa.algorithm: RAW', 'expected one of default, oaep'],
  ]
  for (const [what, lines, message] of problems)
    it(`refuses ${what}`, () => expect(problemOf({ yml: `${server()}\n${lines}` })).to.include(message))

  it('never prints a key', () => {
    const secrets = [KEY, STORE, SECRET, 'sa17', OTHER]
    const yml = `${server()}\nencrypt: {key: ${KEY}, key-store: {location: /a, alias: a, password: ${STORE}, secret: ${SECRET}}, rsa.salt: sa17}\ncarillon.encrypt.keys: {a: ${OTHER}}`
    const printed = printSettings(load({ yml }))
    for (const secret of secrets) expect(printed).not.to.include(secret)
  })
})

describe('loadSettings: its own cipher values', () => {
  const withKey = (...lines: readonly string[]): Given => ({ yml: `${server(...lines)}\nencrypt.key: a password` })

  it('are decrypted, in files, in variables and behind placeholders', async () => {
    const secret = `{cipher}${await cipher.encrypt(SECRET)}`
    expect(git(load(withKey('git.username: u', `git.password: '${secret}'`))).password).to.equal(SECRET)
    expect(git(load({ ...withKey('git.username: u'), env: { SPRING_CLOUD_CONFIG_SERVER_GIT_PASSWORD: secret } })).password).to.equal(SECRET)
    const placeholder = withKey('git.username: u', 'git.password: "x${MY_SECRET}x"')
    expect(git(load({ ...placeholder, env: { MY_SECRET: secret } })).password).to.equal(`x${SECRET}x`)
  })
  it('may be sealed to their own key', async () => {
    const sealed = `{cipher}${await cipher.encrypt(`{gcm:1}${SECRET}`, { property: 'spring.cloud.config.server.git.password' })}`
    expect(git(load(withKey(`git.password: '${sealed}'`))).password).to.equal(SECRET)
    expect(problemOf(withKey(`git.username: '${sealed}'`))).to.include('cannot be decrypted')
  })
  it('are decrypted with a key store', async () => {
    const store = readFileSync(new URL('../../conformance/secure/server.p12', import.meta.url))
    const { vectors } = JSON.parse(readFileSync(new URL('../../conformance/secure/vectors.json', import.meta.url), 'utf8'))[3] as {
      vectors: { cipher: string }[]
    }
    const yml = `${server(`git.password: '{cipher}${vectors[0]?.cipher}'`)}\nencrypt.key-store: {location: 'file:/s.p12', password: letmein1, alias: mytestkey}`
    const { settings } = loadSettings({
      file: { path: 'a.yml', bytes: Buffer.from(yml) },
      env: {},
      flags: new Map(),
      probe: () => 'absent',
      read: () => store,
    })
    const [backend] = settings.backends
    expect(backend?.type === 'git' ? backend.password : undefined).to.equal('hello')
    expect(problemOf({ yml })).to.include("encrypt.key-store.location names '/s.p12', which cannot be read")
  })
  it('are printed as secrets, wherever they stand', async () => {
    const given = withKey(`overrides.colour: '{cipher}${await cipher.encrypt(SECRET)}'`)
    expect(load(given).settings.overrides.get('colour')).to.equal(SECRET)
    expect(printSettings(load(given)))
      .to.match(new RegExp(`overrides.colour +${MASK.replaceAll('*', '\\*')}`))
      .and.not.include(SECRET)
    const port = { yml: `${server()}\nencrypt.key: a password\nserver.port: '{cipher}${await cipher.encrypt(SECRET)}'` }
    expect(problemOf(port)).to.include('server.port').and.not.include(SECRET)
  })

  const wrong = `git.password: '{cipher}00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'`
  it('stop the start where they cannot be decrypted', () => {
    expect(problemOf(withKey(wrong))).to.match(/git\.password \(carillon\.yml:3:17\) cannot be decrypted/)
    expect(problemOf({ yml: server(wrong) })).to.include('git.password (carillon.yml:3:17) is a {cipher} value, and no key is installed')
  })
  it('are empty where encrypt.fail-on-error is off, so that no cipher text is taken for a password', () => {
    const loaded = load({ yml: `${server(wrong)}\nencrypt: {key: a password, fail-on-error: false}` })
    expect(git(loaded).password).to.equal('')
    expect(loaded.warnings.join()).to.include('cannot be decrypted')
  })
})
