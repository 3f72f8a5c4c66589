import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { canary } from '../../scripts/canary.mjs'
import { busTlsOptions } from '../../server/src/bus-tls.js'
import type { BusTlsSettings } from '../../server/src/settings/settings.js'
import { makeAuthority, makeStore } from '../tools/certificates.js'

const SECRET = canary('store')

const file = (location: string) => ({ key: 'the.key', location })

describe('busTlsOptions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-bus-tls-'))
  let ca: string
  let me: { readonly certificate: string; readonly key: string; readonly both: string; readonly store: string }
  let server: Server
  before(async () => {
    const authority = makeAuthority(folder, 'ours')
    const issued = authority.issue('me')
    const broker = authority.issue('broker', ['DNS:broker.example'])
    ca = authority.certificate
    me = { ...issued, store: makeStore(folder, issued, 'sesame') }
    const papers = { cert: readFileSync(broker.certificate), key: readFileSync(broker.key), ca: readFileSync(ca) }
    // TLS 1.2, so that who connects learns at once what becomes of its certificate.
    server = createServer({ ...papers, requestCert: true, rejectUnauthorized: false, maxVersion: 'TLSv1.2' }, (socket) =>
      socket.end(String(socket.getPeerCertificate().subject?.CN ?? 'nobody')),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Whom the other side takes us for; or why we do not talk to it. */
  const seenAs = async (settings: BusTlsSettings, host: string): Promise<string> => {
    const options = await busTlsOptions(settings)
    const { port } = server.address() as AddressInfo
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: host, ...options })
    try {
      const [data] = await once(socket, 'data')
      return String(data)
    } catch (error) {
      return (error as { code: string }).code
    } finally {
      socket.destroy()
    }
  }

  const rows: readonly (readonly [string, () => BusTlsSettings, string, string])[] = [
    ['believes an authority', () => ({ trust: file(ca), verify: 'all' }), 'broker.example', 'nobody'],
    ['believes an authority given as text', () => ({ trust: file(readFileSync(ca, 'utf8')), verify: 'all' }), 'broker.example', 'nobody'],
    ['checks the host name', () => ({ trust: file(ca), verify: 'all' }), 'other.example', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['leaves the host name out', () => ({ trust: file(ca), verify: 'authority' }), 'other.example', 'nobody'],
    ['checks the authority all the same', () => ({ verify: 'authority' }), 'other.example', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['leaves everything out', () => ({ verify: 'nothing' }), 'other.example', 'nobody'],
    [
      'shows a certificate',
      () => ({ trust: file(ca), certificate: file(me.certificate), privateKey: file(me.key), verify: 'all' }),
      'broker.example',
      'me',
    ],
    [
      'shows that of a PKCS#12 store',
      () => ({ trust: file(ca), keyStore: file(`file:${me.store}`), password: 'sesame', verify: 'all' }),
      'broker.example',
      'me',
    ],
    ['shows that of a PEM store', () => ({ trust: file(ca), keyStore: file(me.both), verify: 'all' }), 'broker.example', 'me'],
  ]
  for (const [name, settings, host, seen] of rows) it(name, async () => expect(await seenAs(settings(), host)).to.equal(seen))

  const bad: readonly (readonly [string, () => BusTlsSettings, RegExp])[] = [
    [
      'a file that is not there',
      () => ({ trust: file('/nowhere.pem'), verify: 'all' }),
      /the\.key names '\/nowhere\.pem', which cannot be read/,
    ],
    [
      "one of Java's trust stores, and says what to do",
      () => ({ trust: file(me.store), verify: 'all' }),
      /ours-me\.p12' is no PEM file, .*keytool -list -rfc .*carillon\.bus\.trust-certificate/,
    ],
    [
      "one of Java's key stores, and says what to do",
      () => {
        writeFileSync(join(folder, 'me.jks'), Buffer.from('feedfeed00000002', 'hex'))
        return { keyStore: file(join(folder, 'me.jks')), verify: 'all' }
      },
      /me\.jks' is neither PKCS#12 nor PEM; keytool -importkeystore/,
    ],
    [
      'a store whose password is another',
      () => ({ trust: file(ca), keyStore: { key: 'the.store', location: me.store }, password: SECRET, verify: 'all' }),
      /^the\.store: cannot be used, or the password is not the right one/,
    ],
    ['a certificate without a key', () => ({ certificate: file(me.certificate), verify: 'all' }), /the\.key: .* but no key for it/],
  ]
  for (const [name, settings, message] of bad)
    it(`refuses ${name}`, async () => {
      const error = await busTlsOptions(settings()).then(String, (problem: Error) => problem)
      expect(error).to.include({ code: 'invalid-settings' })
      expect((error as Error).message)
        .to.match(message)
        .and.not.include(SECRET)
    })
})
