import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import type { Auth, DiscoveredServer } from '../../../client/src/options.js'
import type { RemoteOptions } from '../../../client/src/remote/open.js'
import { canary } from '../../../scripts/canary.mjs'
import { clearServing, serve } from '../../server/http/serving.js'
import { makeAuthority } from '../../tools/certificates.js'
import { always, answering, closeAll, documentOf, environment, errorOf, remoteOf, sendJson, valuesOf } from './answering.js'

const SECRET = canary('password')

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('credentials', () => {
  afterEach(() => Promise.all([closeAll(), clearServing()]))

  /** `Authorization` as it arrives; `HOST` in uris is the server. */
  async function sent(given: {
    readonly uri?: string
    readonly auth?: Auth
    readonly headers?: Readonly<Record<string, string>>
    readonly metadata?: DiscoveredServer['metadata']
  }): Promise<string | undefined> {
    const { url, requests } = await answering(always(environment({})))
    const uri = (given.uri ?? 'http://HOST').replace('HOST', url.slice('http://'.length))
    const { metadata } = given
    const servers = metadata === undefined ? [uri] : { resolve: async () => [{ uri, metadata }] }
    await documentOf(remoteOf({ servers, auth: given.auth, headers: given.headers }))
    return requests[0]?.headers.authorization
  }

  const password = { username: 'ann', password: 'pä:ss' }
  const rows: readonly (readonly [string, Parameters<typeof sent>[0], string | undefined])[] = [
    ['none', {}, undefined],
    ['Basic', { auth: password }, basic('ann:pä:ss')],
    ['a bearer', { auth: { bearer: 'token' } }, 'Bearer token'],
    ['a bearer of a function', { auth: { bearer: () => 'made' } }, 'Bearer made'],
    ['a bearer of a promise', { auth: { bearer: async () => 'made' } }, 'Bearer made'],
    ['a user in the uri', { uri: 'http://bob:s%40%3Ap@HOST' }, basic('bob:s@:p')],
    ['a password alone in the uri', { uri: 'http://:pw@HOST' }, basic('user:pw')],
    ['a name without a password, which is none', { uri: 'http://bob@HOST' }, undefined],
    ['what is no encoding in the uri', { uri: 'http://bob:100%@HOST' }, basic('bob:100%')],
    ['auth rather than the uri', { uri: 'http://bob:pw@HOST', auth: password }, basic('ann:pä:ss')],
    ['a header of your own', { headers: { Authorization: 'Custom x' } }, 'Custom x'],
    ['a header rather than the uri', { uri: 'http://bob:pw@HOST', headers: { AUTHORIZATION: 'Custom x' } }, 'Custom x'],
    ['a header rather than metadata', { metadata: { password: 'pw' }, headers: { authorization: 'Custom x' } }, 'Custom x'],
    ['metadata of discovery', { metadata: { user: 'eve', password: 'pw' } }, basic('eve:pw')],
    ['metadata without a user', { metadata: { password: 'pw' } }, basic('user:pw')],
    ['metadata rather than auth', { metadata: { password: 'pw' }, auth: password }, basic('user:pw')],
    ['metadata without a password, which is none', { metadata: { user: 'eve' } }, undefined],
  ]
  for (const [what, given, expected] of rows) {
    it(`are ${what}`, async () => expect(await sent(given)).to.equal(expected))
  }

  it('stand in no message, wherever they come from', async () => {
    const refusing = await answering(always('', { status: 401 }))
    const uri = refusing.url.replace('//', `//bob:${SECRET}@`)
    for (const options of [{}, { auth: { bearer: SECRET } }, { auth: { username: 'bob', password: SECRET } }]) {
      const error = await errorOf(documentOf(remoteOf({ servers: [uri], ...options })))
      expect(error.code).to.equal('unauthorized')
      expect(`${error.stack} ${JSON.stringify(error)} ${error.hint}`)
        .to.include(refusing.url)
        .and.not.match(new RegExp(`${SECRET}|bob`))
    }
  })

  it('open what Carillon protects', async () => {
    const server = await serve({
      files: { 'orders.yml': 'a: 1\n' },
      flags: { 'spring.security.user.name': 'ann', 'spring.security.user.password': 'pw' },
    })
    expect((await errorOf(documentOf(remoteOf({ servers: [server.url] })))).code).to.equal('unauthorized')
    expect(valuesOf(await documentOf(remoteOf({ servers: [server.url], auth: { username: 'ann', password: 'pw' } })))).to.deep.equal({
      a: 1,
    })
  })

  describe('of a function', () => {
    /** A server that takes one token, and what it was given. */
    async function asking(bearer: () => string | Promise<string>, options: Partial<RemoteOptions> = {}) {
      const { url, requests } = await answering((request, response) =>
        sendJson(response, environment({}), { status: request.headers.authorization === 'Bearer fresh' ? 200 : 401 }),
      )
      const remote = remoteOf({ servers: [url], auth: { bearer }, ...options })
      return { remote, given: () => requests.map(({ headers }) => headers.authorization) }
    }

    it('are asked for once more after a 401, and no more', async () => {
      const tokens = ['old', 'fresh', 'older', 'oldest']
      const { remote, given } = await asking(() => tokens.shift() ?? '')
      await documentOf(remote)
      expect((await errorOf(documentOf(remote))).code).to.equal('unauthorized')
      expect(given()).to.deep.equal(['Bearer old', 'Bearer fresh', 'Bearer older', 'Bearer oldest'])
    })

    const useless: readonly (readonly [string, () => string | Promise<string>, string])[] = [
      [
        'throws',
        () => {
          throw new Error('the vault is sealed')
        },
        '`auth.bearer` gave no token: the vault is sealed',
      ],
      ['rejects', () => Promise.reject(new Error('the vault is sealed')), '`auth.bearer` gave no token: the vault is sealed'],
      ['gives nothing', () => undefined as unknown as string, '`auth.bearer` gave no token: it gave undefined'],
      ['gives an empty text', () => '', '`auth.bearer` gave no token: it gave an empty text'],
      [
        'gives what is no header',
        () => `${SECRET}\n`,
        '`auth.bearer` gave no token: Invalid character in header content ["authorization"]',
      ],
      ['never gives one', () => new Promise(() => {}), 'no whole answer within 100 ms'],
    ]
    for (const [what, bearer, cause] of useless) {
      it(`that ${what}: there may be some later`, async () => {
        const { remote, given } = await asking(bearer, { timeouts: { readMs: 100 } })
        const error = await errorOf(documentOf(remote))
        expect(['unreachable', 'timeout']).to.include(error.code)
        expect(error.attempts[0]?.cause).to.equal(cause)
        expect(given()).to.deep.equal([])
      })
    }
  })
})

describe('TLS', function () {
  this.timeout(20_000)
  let folder: string
  let pem: {
    readonly ca: string
    readonly other: string
    readonly server: { cert: string; key: string }
    readonly client: { cert: string; key: string }
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'carillon-tls-'))
    const authority = makeAuthority(folder, 'ours')
    const read = (path: string): string => readFileSync(path, 'utf8')
    const issue = (name: string, names?: readonly string[]) => {
      const { certificate, key } = authority.issue(name, names)
      return { cert: read(certificate), key: read(key) }
    }
    pem = {
      ca: read(authority.certificate),
      other: read(makeAuthority(folder, 'theirs').certificate),
      server: issue('server', ['DNS:localhost']),
      client: issue('client'),
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  afterEach(closeAll)

  const causeOf = async (options: RemoteOptions): Promise<string> => {
    const { code, attempts } = await errorOf(documentOf(remoteOf(options)))
    return `${code}: ${attempts[0]?.cause}`
  }

  it('trusts the authority that it is given, as text or bytes', async () => {
    const { url } = await answering(always(environment({ a: 1 })), pem.server)
    for (const ca of [pem.ca, Buffer.from(pem.ca), `${pem.other}${pem.ca}`]) {
      expect(valuesOf(await documentOf(remoteOf({ servers: [url], tls: { ca } })))).to.deep.equal({ a: 1 })
    }
  })

  it('trusts nobody else: unreachable, with what to do', async () => {
    const { url, port, requests } = await answering(always(environment({})), pem.server)
    expect(await causeOf({ servers: [url] })).to.equal('unreachable: its certificate is of an unknown authority; name that in `tls.ca`')
    expect(await causeOf({ servers: [url], tls: { ca: pem.other } })).to.include('its certificate is of an unknown authority')
    expect(await causeOf({ servers: [`https://127.0.0.1:${port}`], tls: { ca: pem.ca } })).to.equal(
      'unreachable: its certificate is for another host',
    )
    expect(requests).to.deep.equal([])
  })

  it('shows its own certificate to a server that wants one', async () => {
    const wanting = { ...pem.server, ca: pem.ca, requestCert: true, rejectUnauthorized: true }
    const { url, requests } = await answering(always(environment({ a: 1 })), wanting)
    expect(valuesOf(await documentOf(remoteOf({ servers: [url], tls: { ca: pem.ca, ...pem.client } })))).to.deep.equal({ a: 1 })
    expect((requests[0]!.socket as TLSSocket).getPeerCertificate().subject.CN).to.equal('client')
    expect(await causeOf({ servers: [url], tls: { ca: pem.ca } })).to.match(/^unreachable: it wants a certificate of the client/)
    expect(requests).to.have.lengthOf(1)
  })

  it('says where one side speaks TLS and the other does not', async () => {
    const plain = await answering(always(environment({})))
    expect(await causeOf({ servers: [plain.url.replace('http:', 'https:')] })).to.equal(
      'unreachable: it does not speak TLS as this client does; is it http?',
    )
    const secure = await answering(always(environment({})), pem.server)
    expect(await causeOf({ servers: [secure.url.replace('https:', 'http:')] })).to.match(/^unreachable: the connection was cut off/)
  })
})
