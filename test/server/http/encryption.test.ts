import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { type Sent, textOf } from '../../../server/src/http/sent-text.js'
import { type Answered, type AskOptions, clearServing, type Serving, serve } from './serving.js'

const KEY = canary('key')
const NEXT = canary('next')

const post = (body: string, type = 'text/plain'): AskOptions => ({ method: 'POST', headers: { 'content-type': type }, body })
const said = ({ status, text }: Answered): unknown => [status, JSON.parse(text)]

after(clearServing)

describe('/encrypt and /decrypt', () => {
  let serving: Serving
  before(async () => {
    serving = await serve({ flags: { 'encrypt.key': KEY, 'carillon.encrypt.keys.next': NEXT } })
  })

  it('undo each other, and no cache keeps their answers', async () => {
    const { ask } = serving
    for (const text of ['hello', ' päss wörd €\n', '{"a":1}', 'x'.repeat(100_000)]) {
      const encrypted = await ask('/encrypt', post(text))
      expect([encrypted.status, encrypted.headers['content-type'], encrypted.headers['cache-control']]).to.deep.equal([
        200,
        'text/plain;charset=UTF-8',
        'no-store',
      ])
      const decrypted = await ask('/decrypt/shop/prod', post(encrypted.text))
      expect([decrypted.text, decrypted.headers['cache-control']]).to.deep.equal([text, 'no-store'])
    }
  })
  it('take the key that a text names', async () => {
    const { ask } = serving
    const { text } = await ask('/encrypt', post('{key:next}hello'))
    expect(text).to.match(/^\{key:next\}[0-9a-f]{64}$/)
    expect((await ask('/decrypt', post(text))).text).to.equal('hello')
  })
  it('seal a text to the property that it names', async () => {
    const { ask } = serving
    const { text } = await ask('/encrypt', post('{name:db.password}{gcm:1}hello'))
    expect((await ask('/decrypt', post(`{name:db.password}${text}`))).text).to.equal('hello')
    expect((await ask('/decrypt', post(`{name:db.user}${text}`))).status).to.equal(400)
    expect(said(await ask('/encrypt', post('{gcm:1}hello')))).to.deep.equal([
      400,
      { description: 'A sealed value belongs to one property: put {name:the.property} before the text.', status: 'BAD_REQUEST' },
    ])
  })
  it('give one answer to everything that cannot be decrypted', async () => {
    const { ask } = serving
    const whole = (await ask('/encrypt', post('a text of more than one block'))).text
    const failing = [
      '00',
      'zzzz',
      whole.slice(2),
      whole.slice(0, -2),
      `{cipher}${whole}`,
      `${whole}\n`,
      `{gcm:1}${whole}`,
      `{gcm:9}${whole}`,
      `{name:a}{gcm:1}AAAA`,
      `{key:next}${whole}`,
    ]
    const answers = await Promise.all(failing.map((text) => ask('/decrypt', post(text))))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).to.deep.equal(
      new Set(['400 {"description":"Text not encrypted with this key","status":"INVALID"}']),
    )
  })
  it('refuse a body that is too large', async () => {
    const answer = await serving.ask('/encrypt', post('x'.repeat(1024 * 1024 + 1)))
    expect(said(answer)).to.deep.equal([413, { description: 'The text has more than 1048576 bytes', status: 'TOO_LARGE' }])
  })
  it('need the credentials of users where there are any, /key and the status too', async () => {
    const { ask } = await serve({ flags: { 'encrypt.key': KEY, 'spring.security.user.password': 'pw' } })
    for (const path of ['/encrypt', '/decrypt', '/encrypt/a/b']) expect((await ask(path, post('x'))).status, path).to.equal(401)
    for (const path of ['/key', '/encrypt/status']) expect((await ask(path)).status, path).to.equal(401)
    const authorization = `Basic ${Buffer.from('user:pw').toString('base64')}`
    expect((await ask('/encrypt', { ...post('x'), headers: { 'content-type': 'text/plain', authorization } })).status).to.equal(200)
  })
  it('#767, #800, #803, #1118, #2330, #2399, #2409: say that no key is installed where none is, and only there', async () => {
    const { ask } = await serve()
    const none = [404, { description: 'No key was installed for encryption service', status: 'NO_KEY' }]
    expect(said(await ask('/encrypt', post('x')))).to.deep.equal(none)
    expect(said(await ask('/decrypt', post('x')))).to.deep.equal(none)
    expect(said(await ask('/encrypt/status'))).to.deep.equal(none)
    expect(said(await ask('/key'))).to.deep.equal([404, { description: 'No public key available', status: 'NOT_FOUND' }])
    expect(said(await serving.ask('/encrypt/status'))).to.deep.equal([200, { status: 'OK' }])
  })
  it('stop the start where a key cannot be used, without quoting it', async () => {
    for (const [flags, message] of [
      [{ 'encrypt.key': 'ssh-rsa AAAA' }, 'encrypt.key: Key data not in correct format'],
      [{ 'carillon.encrypt.key-file': '/no/such/file' }, "carillon.encrypt.key-file names '/no/such/file', which cannot be read"],
    ] as const) {
      const error = await serve({ flags }).then(
        () => 'started',
        (cause: unknown) => String(cause),
      )
      expect(error).to.include(message).and.not.include('AAAA')
    }
  })
})

describe('textOf', () => {
  const form = 'application/x-www-form-urlencoded'
  const cases: readonly (readonly [Sent['action'], string, string, string | undefined])[] = [
    ['encrypt', form, 'mysecret', 'mysecret'],
    ['encrypt', form, 'a=b', 'a=b'],
    ['encrypt', form, 'a+b', 'a b'],
    ['encrypt', form, 'a%2Bb', 'a+b'],
    ['encrypt', form, 'a%26b', 'a&b'],
    ['encrypt', form, 'a&b', 'a=&b'],
    ['encrypt', form, 'p%3Dq', 'p=q'],
    ['encrypt', form, 'x%25y', 'x%y'],
    ['encrypt', form, '=', undefined],
    ['encrypt', form, '', undefined],
    ['encrypt', `${form}; charset=utf-8`, 'mysecret', 'mysecret'],
    ['encrypt', 'text/plain', 'a=', 'a='],
    ['encrypt', 'text/plain;charset=utf-8', 'a=', 'a'],
    ['encrypt', 'application/json', 'a=', 'a'],
    ['encrypt', 'application/json', '%zz=', undefined],
    ['encrypt', 'text/plain', ' a\n', ' a\n'],
    ['decrypt', form, 'abcd', 'abcd'],
    ['decrypt', form, 'abcd=', 'abcd'],
    ['decrypt', form, 'AB+D', 'AB+D'],
    ['decrypt', 'application/json', 'AB D=', 'AB+D'],
    ['decrypt', 'text/plain', 'abcd=', 'abcd='],
  ]
  for (const [action, contentType, body, wanted] of cases) {
    it(`${action} ${contentType} ${JSON.stringify(body)}: ${JSON.stringify(wanted)}`, () =>
      expect(textOf({ action, contentType, body: Buffer.from(body) })).to.equal(wanted))
  }
})
