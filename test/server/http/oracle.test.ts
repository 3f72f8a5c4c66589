import { constants, createCipheriv, createPublicKey, pbkdf2Sync, publicEncrypt, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { readKeyStore } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { clearServing, type ServingOptions, serve } from './serving.js'
import { distance, sideBySide } from './timing.js'

/** As many times each of two texts is sent; `CARILLON_ORACLE_TRIES=5000` is the run of 10,000 tries. */
const TRIES = Number(process.env.CARILLON_ORACLE_TRIES ?? 150)
/** Chance goes so far once in three million runs. */
const TELLING = 5

const pem = readFileSync(new URL('../../conformance/secure/rsa.pem', import.meta.url), 'utf8')
const publicKey = createPublicKey(pem)
const SALT = Buffer.from('deadbeef', 'hex')
const LENGTH = Buffer.from([1, 0])

const aes = (password: string, plain: Buffer, padding: 'right' | 'none'): Buffer => {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, SALT, 1024, 32, 'sha1'), iv).setAutoPadding(padding === 'right')
  return Buffer.concat([iv, cipher.update(plain), cipher.final()])
}
const storePath = fileURLToPath(new URL('../../conformance/secure/server.p12', import.meta.url))
const storeKey = readKeyStore(readFileSync(storePath), 'letmein1').find('mytestkey')?.publicKey ?? publicKey
const wrappedOaep = (session: Buffer): Buffer => publicEncrypt({ key: storeKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, session)
const wrapped = (session: Buffer): Buffer => publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, session)
const rsaText = (block: Buffer, payload: Buffer): string => Buffer.concat([LENGTH, block, payload]).toString('base64')
/** A number below the modulus that is no PKCS#1 block, but for one try in ten thousand. */
const noBlock = (): Buffer => Buffer.concat([Buffer.alloc(1), randomBytes(255)])

/** Pairs of texts whose failures an attacker would like to tell apart, new ones for each try. */
const pairs: readonly {
  readonly what: string
  readonly flags: Readonly<Record<string, string>>
  readonly texts: readonly [() => string, () => string]
}[] = [
  {
    what: 'bad padding of AES, and good padding around what is no text',
    flags: { 'encrypt.key': 'a password' },
    texts: [
      () => aes('a password', Buffer.alloc(32, 0x7f), 'none').toString('hex'),
      () => aes('a password', Buffer.alloc(20, 0xff), 'right').toString('hex'),
    ],
  },
  {
    what: 'bad padding of RSA, and a session key with a payload that is not its own',
    flags: { 'encrypt.key': pem },
    texts: [() => rsaText(noBlock(), randomBytes(48)), () => rsaText(wrapped(randomBytes(16)), randomBytes(48))],
  },
  {
    what: 'a session key of another length, and one of the right length',
    flags: { 'encrypt.key': pem },
    texts: [() => rsaText(wrapped(randomBytes(24)), randomBytes(48)), () => rsaText(wrapped(randomBytes(16)), randomBytes(48))],
  },
  {
    what: 'bad OAEP, and a session key with a payload that is not sealed with it',
    flags: {
      'encrypt.key-store.location': storePath,
      'encrypt.key-store.password': 'letmein1',
      'encrypt.key-store.alias': 'mytestkey',
      'encrypt.rsa.algorithm': 'oaep',
      'encrypt.rsa.strong': 'true',
    },
    texts: [() => rsaText(noBlock(), randomBytes(48)), () => rsaText(wrappedOaep(randomBytes(16)), randomBytes(48))],
  },
]

describe('a padding oracle over /decrypt', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  after(() => {
    agent.destroy()
    return clearServing()
  })

  const open = async (options: ServingOptions): Promise<(text: string) => Promise<string>> => {
    const { port } = await serve(options)
    return (body) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) }
        const sent = request({ host: '127.0.0.1', port, path: '/decrypt', method: 'POST', headers, agent }, (response) => {
          let text = `${response.statusCode} `
          response.setEncoding('utf8')
          response.on('data', (part: string) => {
            text += part
          })
          response.on('end', () => resolve(text))
        })
        sent.on('error', reject)
        sent.end(body)
      })
  }

  for (const { what, flags, texts } of pairs) {
    it(`cannot be made from ${what}: neither answer nor time tells which it was`, async function () {
      this.timeout(60_000 + TRIES * 200)
      const ask = await open({ flags })
      const answers = new Set<string>()
      // Texts are made before the clock starts.
      const stocks = texts.map((make) => Array.from({ length: TRIES + 20 }, make)) as [string[], string[]]
      const next = (which: 0 | 1) => async (): Promise<void> => void answers.add(await ask(stocks[which].pop() ?? ''))
      await sideBySide(20, [next(0), next(1)])
      const [one, other] = await sideBySide(TRIES, [next(0), next(1)])
      const apart = distance(one, other)
      if (TRIES > 1000) console.log(`      ${TRIES} tries of each: ${apart.toFixed(2)} standard deviations apart`)
      expect([...answers]).to.deep.equal(['400 {"description":"Text not encrypted with this key","status":"INVALID"}'])
      expect(Math.abs(apart)).to.be.below(TELLING)
    })
  }

  it('would be told by this measure: a text that is plainly no cipher text is answered sooner', async () => {
    const ask = await open({ flags: { 'encrypt.key': pem } })
    const whole = rsaText(wrapped(randomBytes(16)), randomBytes(48))
    const works = [whole, `-${whole.slice(1)}`].map((text) => async (): Promise<void> => void (await ask(text))) as [
      () => Promise<void>,
      () => Promise<void>,
    ]
    await sideBySide(20, works)
    expect(distance(...(await sideBySide(100, works)))).to.be.above(TELLING)
  })
})
