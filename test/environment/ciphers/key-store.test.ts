import { readFileSync } from 'node:fs'
import { EnvironmentError } from '@carillon/environment'
import { createCipher, keysOfStore, readKeyStore } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { type Pbmac1, withPbmac1 } from './pbmac1.js'
import { recordedKey, storeBytes } from './recorded.js'

const WRONG = canary('wrong')

const bytesOf = (file: string): Buffer => readFileSync(new URL(`stores/${file}`, import.meta.url))
const PASSWORD = 'letmein1'

describe('readKeyStore', () => {
  const stores: readonly (readonly [string, string, readonly string[]])[] = [
    ['a.jks', PASSWORD, ['k1', 'k2', 'only']],
    ['a.p12', PASSWORD, ['k2', 'only']],
    ['legacy.p12', PASSWORD, ['k2']],
    ['o.p12', 'pä€', ['one']],
    ['ol.p12', PASSWORD, ['one']],
    ['o3.p12', PASSWORD, ['one']],
  ]
  for (const [file, password, aliases] of stores) {
    it(`reads ${file}`, () => expect([...readKeyStore(bytesOf(file), password).aliases].sort()).to.deep.equal(aliases))

    it(`says of a wrong password for ${file} that it is wrong, and not what it is`, () => {
      for (const wrong of [WRONG, '', `${password}x`]) {
        const attempt = () => readKeyStore(bytesOf(file), wrong)
        expect(attempt).to.throw(EnvironmentError, 'password of the key store is wrong').with.property('code', 'unusable-key')
        expect(attempt).not.to.throw(new RegExp(`${WRONG}|letmein1|pä€`))
      }
    })

    it(`never takes a damaged ${file} for a whole one`, () => {
      const whole = bytesOf(file)
      // Each look at the old store takes 100,000 rounds of its MAC.
      const step = Math.ceil(whole.length / (file === 'legacy.p12' ? 6 : 60))
      for (let at = 0; at < whole.length; at += step) {
        const flipped = Buffer.from(whole)
        flipped[at] = (flipped[at] ?? 0) ^ 0x55
        for (const bytes of [flipped, whole.subarray(0, at)])
          expect(outcome(bytes, password), `byte ${at}`).to.be.oneOf(['unusable-key', aliases.join()])
      }
    })
  }

  it('finds a key whatever the case of its alias', () => {
    expect(readKeyStore(storeBytes, PASSWORD).find('MyTestKey')?.privateKey?.type).to.equal('private')
  })
  it('finds nothing under an alias that there is not', () => expect(readKeyStore(storeBytes, PASSWORD).find('nobody')).to.equal(undefined))
  it('needs the password of a key that has one of its own', () => {
    const store = readKeyStore(bytesOf('a.jks'), PASSWORD)
    expect(() => store.find('k1')).to.throw(EnvironmentError, 'The password of the key in the key store is wrong.')
    expect(store.find('k1', 'keypass1')?.privateKey?.type).to.equal('private')
  })
  it('has only a public key where a certificate is all there is', () => {
    for (const file of ['a.jks', 'a.p12']) {
      const found = readKeyStore(bytesOf(file), PASSWORD).find('only')
      expect([found?.publicKey.type, found?.privateKey]).to.deep.equal(['public', undefined])
    }
  })
  it('reads the same key from JKS and from PKCS#12, of old and of new', () => {
    const keys = ['a.jks', 'a.p12', 'legacy.p12'].map(
      (file) => readKeyStore(bytesOf(file), PASSWORD).find('k2')?.publicKey.export({ format: 'jwk' }).n,
    )
    expect(new Set(keys).size).to.equal(1)
  })
  describe('with the MAC of newer versions of Java and OpenSSL (PBMAC1)', () => {
    const open = (options: Omit<Pbmac1, 'password'>, password = 'pä€') =>
      readKeyStore(withPbmac1(bytesOf('o.p12'), { password: 'pä€', ...options }), password)
    it('reads it, with each hash function', () => {
      for (const hash of ['sha256', 'sha512'] as const)
        for (const prf of ['sha256', 'sha512'] as const)
          expect(open({ hash, prf, keyBytes: 64 }).find('one')?.privateKey?.type, `${hash} ${prf}`).to.equal('private')
    })
    it('says of a wrong password that it is wrong', () => {
      expect(() => open({}, WRONG)).to.throw(EnvironmentError, 'password of the key store is wrong')
      expect(() => open({}, WRONG)).not.to.throw(WRONG)
    })
    it('says what is wrong with a key derivation that it does not know, and with a length that is missing or beyond measure', () => {
      expect(() => open({ kdf: 'scrypt' })).to.throw(EnvironmentError, /PBMAC1.*expected PBKDF2.*keytool -importkeystore/)
      for (const keyBytes of [0, 200]) expect(() => open({ keyBytes })).to.throw(EnvironmentError, 'The key store is damaged')
    })
  })
  it('says what to do with a JCEKS store, with an elliptic key, and with something else altogether', () => {
    expect(() => readKeyStore(bytesOf('j.jceks'), PASSWORD)).to.throw(EnvironmentError, 'keytool -importkeystore')
    expect(() => readKeyStore(bytesOf('ec.p12'), PASSWORD).find('ec')).to.throw(EnvironmentError, 'of type ec: expected RSA')
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.from('3080', 'hex'), Buffer.from('feedfeed', 'hex')])
      expect(() => readKeyStore(bytes, PASSWORD))
        .to.throw(EnvironmentError)
        .with.property('code', 'unusable-key')
  })
})

describe('keysOfStore', () => {
  const [hello] = recordedKey('ks').vectors
  const find = keysOfStore(readKeyStore(storeBytes, PASSWORD), { alias: 'mytestkey' })

  it('takes the alias of the settings, and that of a text instead', async () => {
    const cipher = createCipher(find)
    expect(await cipher.decrypt(`{key:mytestkey}${hello?.cipher}`)).to.equal('hello')
    expect(await cipher.decrypt(`{key:second}${hello?.cipher}`).catch((error: EnvironmentError) => error.code)).to.equal('undecipherable')
    expect(await cipher.decrypt(`{key:nobody}${hello?.cipher}`).catch((error: EnvironmentError) => error.code)).to.equal('no-such-key')
  })
  it('takes the password of a key from a text', async () => {
    const cipher = createCipher(keysOfStore(readKeyStore(bytesOf('a.jks'), PASSWORD), { alias: 'k2' }))
    const encrypted = await cipher.encrypt('{key:k1}{secret:keypass1}x')
    expect(encrypted).to.match(/^\{key:k1\}\{secret:keypass1\}AQ/)
    expect(await cipher.decrypt(encrypted)).to.equal('x')
    const wrong = await cipher.decrypt(encrypted.replace('keypass1', 'keypass2')).catch((error: unknown) => error)
    expect(String(wrong)).to.equal('EnvironmentError: Text not encrypted with this key')
  })
  it('only encrypts with a certificate', async () => {
    const cipher = createCipher(keysOfStore(readKeyStore(bytesOf('a.jks'), PASSWORD), { alias: 'only' }))
    const encrypted = await cipher.encrypt('x')
    expect(await cipher.decrypt(encrypted).catch((error: EnvironmentError) => error.code)).to.equal('no-private-key')
    expect(cipher.publicKey()).to.match(/^ssh-rsa AAAA\S+ application$/)
  })
  it('names the aliases where the one of the settings is none', () => {
    expect(() => keysOfStore(readKeyStore(storeBytes, PASSWORD), { alias: 'mykey' })).to.throw("no key 'mykey': it has mytestkey, second")
  })
})

function outcome(bytes: Buffer, password: string): string {
  try {
    return [...readKeyStore(bytes, password).aliases].sort().join()
  } catch (error) {
    return error instanceof EnvironmentError ? error.code : String(error)
  }
}
