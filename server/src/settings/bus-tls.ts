import type { PemBundleDocument, SettingsDocument } from './document-types.js'
import { given } from './making.js'
import type { Reporting } from './reporting.js'
import type { BusTlsSettings, SettingFile } from './settings.js'

type Verify = BusTlsSettings['verify']

/** What several ways of saying it have in common: nothing of it is there where nothing was said. */
export type TlsFiles = Omit<BusTlsSettings, 'verify'>

/** What `carillon.bus.*` says of TLS. It adds to Spring's keys, and wins. */
export function ownTls(document: SettingsDocument, report: Reporting['report']): TlsFiles {
  const file = (name: 'trust-certificate' | 'certificate' | 'certificate-private-key') =>
    settingFile(`carillon.bus.${name}`, document[`carillon.bus.${name}`])
  const certificate = file('certificate')
  const privateKey = file('certificate-private-key')
  if ((certificate === undefined) !== (privateKey === undefined))
    report('carillon.bus.certificate and carillon.bus.certificate-private-key: one is missing; each needs the other')
  return {
    ...present('trust', file('trust-certificate')),
    ...present('certificate', certificate),
    ...present('privateKey', privateKey),
    ...given('password', document['carillon.bus.certificate-private-key-password']),
  }
}

/** What `spring.rabbitmq.ssl.*` says. */
export function rabbitTls(document: SettingsDocument, report: Reporting['report']): BusTlsSettings {
  const bundle = document['spring.rabbitmq.ssl.bundle']
  const file = (name: 'trust-store' | 'key-store') => settingFile(`spring.rabbitmq.ssl.${name}`, document[`spring.rabbitmq.ssl.${name}`])
  const host: Verify = document['spring.rabbitmq.ssl.verify-hostname'] ? 'all' : 'authority'
  const stores = (): TlsFiles => ({
    ...present('trust', file('trust-store')),
    ...present('keyStore', file('key-store')),
    ...given('password', document['spring.rabbitmq.ssl.key-store-password']),
  })
  return {
    ...(isSaid(bundle) ? bundleTls(bundle, { document, report, key: 'spring.rabbitmq.ssl.bundle' }) : stores()),
    verify: document['spring.rabbitmq.ssl.validate-server-certificate'] ? host : 'nothing',
  }
}

/** The files of a bundle. Reports one that is not there. */
export function bundleTls(
  name: string,
  { document, report, key }: { readonly document: SettingsDocument; readonly report: Reporting['report']; readonly key: string },
): TlsFiles {
  const bundles = new Map(Object.entries(document['spring.ssl.bundle.pem']))
  const bundle = bundles.get(name.trim())
  if (bundle === undefined) {
    report(`${key}: got ${name}, expected one of spring.ssl.bundle.pem: ${[...bundles.keys()].join(', ') || 'there is none'}`)
    return {}
  }
  const file = (part: keyof PemBundleDocument) => settingFile(`spring.ssl.bundle.pem.${name.trim()}.${part}`, bundle[part])
  return {
    ...present('trust', file('truststore.certificate')),
    ...present('certificate', file('keystore.certificate')),
    ...present('privateKey', file('keystore.private-key')),
    ...given('password', bundle['keystore.private-key-password']),
  }
}

/** Two sayings as one. A certificate is never taken from one and its key or password from the other. */
export function joined(weak: BusTlsSettings | undefined, strong: TlsFiles): BusTlsSettings | undefined {
  if (Object.keys(strong).length === 0) return weak
  const { trust, ...identity } = strong
  const { verify = 'all', trust: weakTrust, ...weakIdentity } = weak ?? {}
  return {
    ...present('trust', trust ?? weakTrust),
    ...(strong.certificate === undefined ? weakIdentity : identity),
    verify,
  }
}

/** A file that a key names, where it names one. */
export function settingFile(key: string, location: string | undefined): SettingFile | undefined {
  return isSaid(location) ? { key, location: location.trim() } : undefined
}

/** `{ [name]: value }`, or nothing: an optional field is absent, never `undefined`. */
export function present<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]?: Value })
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}
