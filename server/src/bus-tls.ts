import { type ConnectionOptions, createSecureContext, type SecureContextOptions } from 'node:tls'
import { ServerError } from './errors.js'
import type { BusTlsSettings, SettingFile } from './settings/settings.js'
import { contentOf } from './tls.js'

/**
 * Reads the files with which the bus proves who is who. Throws `invalid-settings` for one that cannot be read or used: found out now, and not when a broker is
 * first called.
 */
export async function busTlsOptions(settings: BusTlsSettings): Promise<ConnectionOptions> {
  const { trust, certificate, privateKey, keyStore } = settings
  const authorities = usable(await trustOf(settings), [trust])
  const identity = usable(await identityOf(settings), [certificate, privateKey, keyStore])
  return {
    secureContext: createSecureContext({ ...authorities, ...identity, minVersion: 'TLSv1.2' }),
    rejectUnauthorized: settings.verify !== 'nothing',
    ...(settings.verify === 'all' ? {} : { checkServerIdentity: () => undefined }),
  }
}

async function trustOf({ trust }: BusTlsSettings): Promise<SecureContextOptions> {
  if (trust === undefined) return {}
  const ca = await read(trust)
  if (kindOf(ca) === 'pem') return { ca }
  const advice = 'keytool -list -rfc -keystore STORE > ca.pem writes it, and carillon.bus.trust-certificate can name it'
  throw unusable(trust, `is no PEM file, and Java's trust stores cannot be read; ${advice}`)
}

async function identityOf({ certificate, privateKey, keyStore, password }: BusTlsSettings): Promise<SecureContextOptions> {
  const passphrase = password === undefined ? {} : { passphrase: password }
  if (certificate !== undefined && privateKey !== undefined)
    return { cert: await read(certificate), key: await read(privateKey), ...passphrase }
  if (certificate !== undefined) throw unusable(certificate, 'is there, but no key for it')
  if (keyStore === undefined) return {}
  const store = await read(keyStore)
  const kind = kindOf(store)
  switch (kind) {
    case 'pem':
      return { cert: store, key: store, ...passphrase }
    case 'pkcs12':
      return { pfx: store, ...passphrase }
    case 'other':
      throw unusable(
        keyStore,
        'is neither PKCS#12 nor PEM; keytool -importkeystore -srckeystore STORE -destkeystore store.p12 -deststoretype PKCS12 converts it',
      )
    default:
      return kind satisfies never
  }
}

/** The same, once it is known that OpenSSL can make something of it. */
function usable(content: SecureContextOptions, files: readonly (SettingFile | undefined)[]): SecureContextOptions {
  try {
    createSecureContext(content)
    return content
  } catch (cause) {
    const keys = files.flatMap((file) => (file === undefined ? [] : [file.key])).join(', ')
    const hint = content.pfx === undefined && content.key === undefined ? '' : ', or the password is not the right one'
    throw new ServerError('invalid-settings', `${keys}: cannot be used${hint}: ${(cause as Error).message}`, { cause })
  }
}

const read = ({ key, location }: SettingFile): Promise<Buffer> => contentOf(key, location)

/** PKCS#12 is one ASN.1 sequence; of Java's own stores nothing can be read. */
function kindOf(content: Buffer): 'pem' | 'pkcs12' | 'other' {
  if (content.includes('-----BEGIN')) return 'pem'
  return content[0] === 0x30 ? 'pkcs12' : 'other'
}

function unusable({ key, location }: SettingFile, why: string): ServerError {
  const shown = location.includes('-----BEGIN') ? 'PEM text' : `'${location}'`
  return new ServerError('invalid-settings', `${key}: ${shown} ${why}.`)
}
