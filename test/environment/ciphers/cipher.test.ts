import { EnvironmentError } from '@carillon/environment'
import { type Cipher, createCipher, keyOfText, keyring } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import fc from 'fast-check'
import { cipherOf, recordedKey, recordedKeys, rsaPem } from './recorded.js'

const single = (text: string): Cipher => {
  const key = keyOfText(text)
  return createCipher(() => key)
}

/** The code of what a promise fails with; the whole message is checked to be silent about the text. */
const codeOf = (work: Promise<string>): Promise<string> =>
  work.then(
    (plain) => `decrypted to ${plain}`,
    (error: unknown) => (error instanceof EnvironmentError ? error.code : `not ours: ${String(error)}`),
  )

describe('createCipher', () => {
  for (const recorded of recordedKeys) {
    describe(`with the key of the recorded server "${recorded.name}"`, () => {
      const cipher = cipherOf(recorded)

      it(`decrypts its ${recorded.vectors.length} cipher texts`, async () => {
        const plain = await Promise.all(recorded.vectors.map((vector) => cipher.decrypt(vector.cipher)))
        // Spring takes JSON for selectors and encrypts the empty text behind them.
        expect(plain).to.deep.equal(recorded.vectors.map((vector) => (vector.plain.startsWith('{') ? '' : vector.plain)))
      })

      it('decrypts them at once too', () => {
        const [vector] = recorded.vectors
        expect(cipher.decryptSync(vector?.cipher ?? '')).to.equal(vector?.plain)
      })

      it('encrypts texts that it decrypts', async () => {
        for (const text of ['', 'a', 'päss wörd €', '{"a":1}', 'x'.repeat(10_000), '\ufeffx', ' \n'])
          expect(await cipher.decrypt(await cipher.encrypt(text))).to.equal(text)
      })

      it('makes texts of the shape that Spring makes', async () => {
        const shape = (text: string) => [text.length, /^[0-9a-f]+$/.test(text), text.slice(0, recorded.name.startsWith('sym') ? 0 : 2)]
        expect(shape(await cipher.encrypt('hello'))).to.deep.equal(shape(recorded.vectors[0]?.cipher ?? ''))
      })

      it('refuses what was changed, cut short, lengthened or made with another key, with the same words', async () => {
        const whole = recorded.vectors.at(-2)?.cipher ?? ''
        const foreign = recordedKeys.filter(({ name }) => name !== recorded.name).map(({ vectors }) => vectors[0]?.cipher ?? '')
        const odd = [
          '',
          '=',
          '00',
          'zzzz',
          'AQ==',
          ` ${whole}`,
          `${whole}\n`,
          `{cipher}${whole}`,
          whole.slice(0, -4),
          whole.slice(8),
          `${whole}${whole}`,
          'A'.repeat(100_000),
        ]
        for (const text of [...odd, ...foreign, flipped(whole, whole.length - 6), flipped(whole, 40)]) {
          const outcome = await cipher.decrypt(text).catch((error: unknown) => error)
          // CBC has no seal: a changed text may come out as another one, but never as what was encrypted.
          if (typeof outcome === 'string') expect(outcome).not.to.equal(recorded.vectors.at(-2)?.plain)
          else expect(String(outcome)).to.equal('EnvironmentError: Text not encrypted with this key')
        }
      })
    })
  }

  it('meets a vector with a known IV', async () => {
    expect(await single('foo').decrypt('000102030405060708090a0b0c0d0e0f92c516ebbdf9aecbb68f22247c57812d')).to.equal('mysecret')
    expect(await single('foo').decrypt('682BC583F4641835FA2DB009355293665D2647DADE3375C0EE201DE2A49F7BDA')).to.equal('mysecret')
  })

  it('round-trips any text with a password', async () => {
    const cipher = single('a password')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await cipher.decrypt(await cipher.encrypt(`{plain}${text}`))).to.equal(text)
      }),
      { numRuns: 50 },
    )
  })
})

describe('selectors', () => {
  const cipher = single('a password')
  const cases: readonly (readonly [string, string, string])[] = [
    ['hello', '', 'hello'],
    ['{key:k2}hello', '{key:k2}', 'hello'],
    ['{key:k2}{secret:s}hello', '{key:k2}{secret:s}', 'hello'],
    ['{name:a}{profiles:b}hello', '', 'hello'],
    ['{plain}{key:b}x', '', '{key:b}x'],
    ['{key:k2}{plain}{key:b}x', '{key:k2}', '{key:b}x'],
    ['{"a":1}', '', '{"a":1}'],
    ['{foo}bar', '', '{foo}bar'],
    ['{a:b}x', '', '{a:b}x'],
    ['x{key:b}', '', 'x{key:b}'],
  ]
  for (const [text, before, plain] of cases) {
    it(`${text} becomes ${before}… of "${plain}"`, async () => {
      const encrypted = await cipher.encrypt(text)
      expect(encrypted.replace(/[0-9a-f]+$/, '')).to.equal(before)
      expect(await cipher.decrypt(encrypted)).to.equal(plain)
    })
  }
})

describe('the sealed cipher', () => {
  const ciphers: readonly (readonly [string, Cipher])[] = [
    ['a password', single('a password')],
    ['an RSA key', single(rsaPem)],
  ]
  for (const [name, cipher] of ciphers) {
    describe(`with ${name}`, () => {
      it('opens under its own property', async () => {
        const text = await cipher.encrypt('{name:db.password}{gcm:1}päss wörd €')
        expect(text).to.match(/^\{gcm:1\}[\w-]+$/)
        expect(await cipher.decrypt(text, { property: 'db.password' })).to.equal('päss wörd €')
        expect(await cipher.decrypt(`{name:db.password}${text}`)).to.equal('päss wörd €')
        expect(cipher.decryptSync(text, { property: 'db.password' })).to.equal('päss wörd €')
      })

      it('cannot be moved to another property, not even by naming its own', async () => {
        const text = await cipher.encrypt('{gcm:1}x', { property: 'db.password' })
        for (const moved of [
          cipher.decrypt(text, { property: 'log.title' }),
          cipher.decrypt(`{name:db.password}${text}`, { property: 'log.title' }),
          cipher.decrypt(text),
        ])
          expect(await codeOf(moved)).to.equal('undecipherable')
      })

      it('notices every change', async () => {
        const text = await cipher.encrypt('{gcm:1}some text', { property: 'p' })
        const start = '{gcm:1}'.length
        for (let at = start; at < text.length; at += 7)
          expect(await codeOf(cipher.decrypt(flipped(text, at), { property: 'p' }))).to.equal('undecipherable')
        for (const cut of [start, start + 10, text.length - 1])
          expect(await codeOf(cipher.decrypt(text.slice(0, cut), { property: 'p' }))).to.equal('undecipherable')
      })
    })
  }

  it('needs a property to encrypt for', async () => expect(await codeOf(single('k').encrypt('{gcm:1}x'))).to.equal('invalid-selector'))
  it('has one version', async () => {
    expect(await codeOf(single('k').encrypt('{gcm:2}x', { property: 'p' }))).to.equal('invalid-selector')
    expect(await codeOf(single('k').decrypt('{gcm:2}AAAA', { property: 'p' }))).to.equal('undecipherable')
  })
})

describe('keyring', () => {
  const [old, current, extra] = ['the old key', 'the current key', rsaPem].map((text) => keyOfText(text))
  if (old === undefined || current === undefined || extra === undefined) throw new Error('three keys were made')
  const cipher = createCipher(
    keyring(
      () => current,
      new Map([
        ['2024', old],
        ['rsa', extra],
      ]),
    ),
  )
  const before = createCipher(() => old)

  it('encrypts with the key that is named, and with the current one where none is', async () => {
    expect(await createCipher(() => extra).decrypt(await cipher.encrypt('{key:rsa}x'))).to.equal('x')
    expect(await createCipher(() => current).decrypt(await cipher.encrypt('x'))).to.equal('x')
  })
  it('still reads what an older key made, named or not', async () => {
    expect(await cipher.decrypt(await before.encrypt('x'))).to.equal('x')
    expect(await cipher.decrypt(await before.encrypt('{key:2024}x'))).to.equal('x')
    expect(await cipher.decrypt(await before.encrypt('{gcm:1}x', { property: 'p' }), { property: 'p' })).to.equal('x')
    expect(cipher.decryptSync(await before.encrypt('x'))).to.equal('x')
  })
  it('asks no other key where one is named', async () => {
    expect(await codeOf(cipher.decrypt(`{key:rsa}${await before.encrypt('x')}`))).to.equal('undecipherable')
  })
  it('takes the first key for the current one where there is no other', async () => {
    const only = createCipher(keyring(undefined, new Map([['2024', old]])))
    expect(await before.decrypt(await only.encrypt('x'))).to.equal('x')
  })
  it('has no key where there is none', async () => {
    expect(await codeOf(createCipher(keyring(undefined, new Map())).encrypt('x'))).to.equal('no-such-key')
  })
})

describe('keyOfText', () => {
  const [, body = ''] = /KEY-----(.*?)-----END/s.exec(rsaPem) ?? []
  const hello = recordedKey('rsapem').vectors[0]?.cipher ?? ''
  const spellings: readonly (readonly [string, string])[] = [
    ['in one line', `-----BEGIN RSA PRIVATE KEY-----${body.replace(/\s/g, '')}-----END RSA PRIVATE KEY-----`],
    ['with blanks for line breaks', rsaPem.replaceAll('\n', ' ')],
    ['with line breaks of Windows', rsaPem.replaceAll('\n', '\r\n')],
    ['with \\n for line breaks', rsaPem.replaceAll('\n', '\\n')],
  ]
  for (const [how, text] of spellings) it(`reads a PEM ${how}`, async () => expect(await single(text).decrypt(hello)).to.equal('hello'))

  it('reads a PKCS#8 PEM as RSA, and what Spring encrypted with its text as a password', async () => {
    const { createPrivateKey } = await import('node:crypto')
    const pkcs8 = createPrivateKey(rsaPem).export({ format: 'pem', type: 'pkcs8' }).toString()
    expect(await single(pkcs8).decrypt(hello)).to.equal('hello')
    expect(await single(rsaPem).decrypt(await single(pkcs8).encrypt('x'))).to.equal('x')
    const { createSymmetricCipher } = await import('../../../environment/src/ciphers/symmetric.js')
    expect(await single(pkcs8).decrypt(await createSymmetricCipher({ password: pkcs8 }).encrypt('x'))).to.equal('x')
  })

  const refused: readonly (readonly [string, string])[] = [
    ['a public key of SSH', 'ssh-rsa AAAAB3NzaC1yc2E= x'],
    ['a public key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['a public RSA key', '-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['a damaged key', rsaPem.replace(/[a-z]/g, 'b')],
    ['a key that was cut short', rsaPem.slice(0, 500)],
    ['an empty text', ' '],
  ]
  for (const [what, text] of refused) {
    it(`refuses ${what} without quoting it`, () => {
      const attempt = () => keyOfText(text)
      expect(attempt).to.throw(EnvironmentError).with.property('code', 'unusable-key')
      expect(attempt).not.to.throw(/AAAA|MII|bbb/)
    })
  }
})

function flipped(text: string, at: number): string {
  const char = text[at] === '1' ? '2' : '1'
  return `${text.slice(0, at)}${char}${text.slice(at + 1)}`
}
