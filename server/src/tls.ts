import { readFile } from 'node:fs/promises'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { ServerError } from './errors.js'
import type { TlsSettings } from './settings/settings.js'

/** Reads the files that `server.ssl.*` names. Throws `invalid-settings` for one that cannot be read, or where there is neither certificate nor store. */
export async function tlsOptions(settings: TlsSettings): Promise<TlsOptions> {
  if (settings.keyStore === undefined && (settings.certificate === undefined || settings.privateKey === undefined)) {
    throw new ServerError(
      'invalid-settings',
      'server.ssl needs server.ssl.certificate and server.ssl.certificate-private-key (PEM), or server.ssl.key-store (PKCS#12).',
    )
  }
  const ca =
    settings.trustCertificate === undefined ? {} : { ca: await contentOf('server.ssl.trust-certificate', settings.trustCertificate) }
  const asks = settings.clientAuth !== 'none'
  return {
    ...(await identity(settings)),
    ...ca,
    requestCert: asks,
    rejectUnauthorized: settings.clientAuth === 'need',
    minVersion: 'TLSv1.2',
  }
}

async function identity(settings: TlsSettings): Promise<SecureContextOptions> {
  if (settings.keyStore !== undefined) {
    const passphrase = settings.keyStorePassword
    return { pfx: await contentOf('server.ssl.key-store', settings.keyStore), ...(passphrase === undefined ? {} : { passphrase }) }
  }
  const passphrase = settings.privateKeyPassword
  return {
    cert: await contentOf('server.ssl.certificate', settings.certificate ?? ''),
    key: await contentOf('server.ssl.certificate-private-key', settings.privateKey ?? ''),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}

/** What a setting names. PEM text may stand in the setting itself, as Spring allows; otherwise it is a path, perhaps with `file:`. */
export async function contentOf(key: string, value: string): Promise<Buffer> {
  if (value.includes('-----BEGIN')) return Buffer.from(value)
  const path = value.replace(/^file:(\/\/(?=\/))?/, '')
  try {
    return await readFile(path)
  } catch (cause) {
    throw new ServerError('invalid-settings', `${key} names '${path}', which cannot be read.`, { file: path, cause })
  }
}
