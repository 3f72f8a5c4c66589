import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { expect } from 'chai'
import type { BrokerOptions } from '../../../bus/src/transports/connection.js'
import { tracesIn } from '../../../scripts/canary.mjs'
import type { FragileBroker } from '../../tools/brokers.js'
import { type Certificate, makeAuthority } from '../../tools/certificates.js'
import { eventually, type openMembers } from './broken.js'

/** What a member may be given for TLS, by name. */
export type Papers = 'our authority' | 'nothing' | 'another authority' | 'our certificate' | "a stranger's certificate"

/** Whom a broker and its members trust, in a folder that is removed by `remove`. */
export function makePapers() {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-papers-'))
  const ours = makeAuthority(folder, 'ours')
  const other = makeAuthority(folder, 'other')
  const broker = { ...ours.issue('broker', ['DNS:localhost', 'IP:127.0.0.1']), authority: ours.certificate }
  const read = ({ certificate, key }: Certificate) => ({ cert: readFileSync(certificate), key: readFileSync(key) })
  const trusting = { ca: readFileSync(ours.certificate) }
  const papers: Readonly<Record<Papers, TlsOptions>> = {
    nothing: {},
    'our authority': trusting,
    'another authority': { ca: readFileSync(other.certificate) },
    'our certificate': { ...trusting, ...read(ours.issue('member')) },
    "a stranger's certificate": { ...trusting, ...read(other.issue('stranger')) },
  }
  return { broker, papers, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A member that cannot come in: what is wrong with it, and what it is to be told. */
export interface Refusal {
  readonly name: string
  readonly url: (broker: FragileBroker) => string
  readonly with: Papers | 'no TLS'
  readonly login?: { readonly user: string; readonly password: string }
  readonly code: string
  readonly message: RegExp
}

/** Where a broker speaks TLS. */
export const tls = ({ tlsUrl }: FragileBroker) => tlsUrl ?? ''
// A name of this machine that stands in no certificate.
const elsewhere = (broker: FragileBroker) => tls(broker).replace('localhost', '127.1')

/** Whoever does not know the broker, whichever broker it is. */
export const strangers: readonly Refusal[] = [
  {
    name: "an authority that is not the broker's",
    url: tls,
    with: 'another authority',
    code: 'untrusted-broker',
    message: /at localhost:\d+ has a certificate that no authority trusted here has signed/,
  },
  {
    name: "no authority, where the broker's is not a public one",
    url: tls,
    with: 'nothing',
    code: 'untrusted-broker',
    message: /no authority trusted here/,
  },
  {
    name: 'another host name than that in the certificate',
    url: elsewhere,
    with: 'our authority',
    code: 'untrusted-broker',
    message: /at 127\.1:\d+ has a certificate for another host: .*127\.1.*DNS:localhost/,
  },
]

export interface Scene {
  readonly broker: FragileBroker
  readonly papers: Readonly<Record<Papers, TlsOptions>>
  readonly open: ReturnType<typeof openMembers>['open']
}

/** It hears why, in one line that a person can read and that holds no password. */
export async function isTold({ url, with: paper, login, code, message }: Refusal, { broker, papers, open }: Scene): Promise<void> {
  const options: Partial<BrokerOptions> = { ...(paper === 'no TLS' ? {} : { tls: papers[paper] }), ...(login && { credentials: login }) }
  const member = open(url(broker), { destination: 'refused', ...options })
  await eventually('a trouble', () => member.troubles.length > 0)
  const [trouble] = member.troubles
  expect(trouble).to.include({ code })
  expect(trouble?.message).to.match(message)
  expect(trouble?.message).to.not.match(/\n|openssl/)
  expect(tracesIn(`${trouble?.message} ${trouble?.stack} ${trouble?.cause}`)).to.deep.equal([])
  expect(member.transport.state()).to.equal('connecting')
  await member.transport.close()
}
