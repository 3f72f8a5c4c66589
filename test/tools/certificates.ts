import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key: paths of PEM files; `both` holds the two in one, as Kafka takes them. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
  readonly both: string
}

/** An authority that nobody else knows, good for a day. */
export interface Authority {
  /** The path of a PEM file. */
  readonly certificate: string
  /** Signs a certificate; `names` are subject alternative names such as `DNS:localhost` or `IP:127.0.0.1`. */
  readonly issue: (name: string, names?: readonly string[]) => Certificate
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes an authority whose files stand in a folder and begin with its name. Needs the program openssl. */
export function makeAuthority(folder: string, name: string): Authority {
  const openssl = opensslIn(folder)
  const [pem, key] = [`${name}.pem`, `${name}.key`]
  openssl('req', '-x509', ...NEW_KEY, '-keyout', key, '-out', pem, '-subj', `/CN=${name}`, '-days', '1')
  return {
    certificate: join(folder, pem),
    issue: (subject, names = []) => {
      const file = (end: string) => join(folder, `${name}-${subject}.${end}`)
      const authority = ['-CA', pem, '-CAkey', key, '-CAcreateserial']
      writeFileSync(file('ext'), names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`)
      openssl('req', ...NEW_KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', `/CN=${subject}`)
      openssl('x509', '-req', '-in', file('csr'), ...authority, '-extfile', file('ext'), '-out', file('pem'), '-days', '1')
      writeFileSync(file('both.pem'), `${readFileSync(file('key'), 'utf8')}${readFileSync(file('pem'), 'utf8')}`)
      return { certificate: file('pem'), key: file('key'), both: file('both.pem') }
    },
  }
}

/** A PKCS#12 store of a certificate and its key, beside them. */
export function makeStore(folder: string, { certificate, key }: Certificate, password: string): string {
  const store = certificate.replace(/\.pem$/, '.p12')
  opensslIn(folder)('pkcs12', '-export', '-inkey', key, '-in', certificate, '-passout', `pass:${password}`, '-out', store)
  return store
}

function opensslIn(folder: string): (...args: readonly string[]) => void {
  return (...args) => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}
