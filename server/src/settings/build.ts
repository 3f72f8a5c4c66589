import { fileURLToPath } from 'node:url'
import type { Scalar } from '@carillon/environment'
import { backendsOf } from './backends.js'
import { busSettings } from './bus.js'
import type { SettingsDocument } from './document-types.js'
import { encryptSettings } from './encrypt.js'
import { frozenMap } from './frozen-map.js'
import { given } from './making.js'
import { monitorSettings } from './monitor.js'
import type { Reporting } from './reporting.js'
import type { ServerSettings, Settings, TlsSettings, UserSettings } from './settings.js'

const MEBIBYTE = 1024 * 1024

/** Endpoints that `*` stands for when some are excluded. */
const ENDPOINTS = ['busenv', 'busrefresh', 'busshutdown', 'env', 'health', 'info', 'metrics', 'prometheus', 'refresh'] as const

/** The settings that a checked document means. */
export function buildSettings(document: SettingsDocument, reporting: Reporting): Settings {
  const { report } = reporting
  const bus = busSettings(document, reporting)
  return {
    server: serverSettings(document, report),
    dataFolder: document['carillon.data-folder'],
    prefix: prefixOf(document['spring.cloud.config.server.prefix']),
    acceptEmpty: document['spring.cloud.config.server.accept-empty'],
    stripDocumentFromYaml: document['spring.cloud.config.server.strip-document-from-yaml'],
    reverseLocationOrder: document['spring.cloud.config.server.reverse-location-order'],
    failOnCompositeError: document['spring.cloud.config.server.fail-on-composite-error'],
    strictCompat: document['carillon.strict-compat'],
    overrides: overridesOf(document['spring.cloud.config.server.overrides']),
    users: usersOf(document, reporting),
    exposure: exposureOf(document),
    backends: backendsOf(document, {
      ...reporting,
      trustCertificate: document['carillon.trust-certificate'],
      engine: document['carillon.git.engine'],
      maxPacks: document['carillon.git.max-packs'],
      maxDisk: document['carillon.git.max-disk'] * MEBIBYTE,
    }),
    monitor: monitorSettings(document, reporting),
    encrypt: encryptSettings(document, report),
    ...(bus === undefined ? {} : { bus }),
    log: { level: document['carillon.log-level'] },
  }
}

function serverSettings(document: SettingsDocument, report: Reporting['report']): ServerSettings {
  const tls = tlsSettings(document, report)
  return { port: document['server.port'], ...given('address', document['server.address']), ...(tls === undefined ? {} : { tls }) }
}

function tlsSettings(document: SettingsDocument, report: Reporting['report']): TlsSettings | undefined {
  const path = (key: 'certificate' | 'certificate-private-key' | 'trust-certificate' | 'key-store'): string | undefined =>
    filePath(document[`server.ssl.${key}`])
  const certificate = path('certificate')
  const keyStore = path('key-store')
  const clientAuth = document['server.ssl.client-auth']
  if (!document['server.ssl.enabled']) return undefined
  if (certificate === undefined && keyStore === undefined) {
    if (clientAuth !== 'none') report('server.ssl.client-auth: needs server.ssl.certificate or server.ssl.key-store')
    return undefined
  }
  if (certificate !== undefined && path('certificate-private-key') === undefined) {
    report('server.ssl.certificate-private-key is missing; server.ssl.certificate needs it')
  }
  return {
    ...given('certificate', certificate),
    ...given('privateKey', path('certificate-private-key')),
    ...given('privateKeyPassword', document['server.ssl.certificate-private-key-password']),
    ...given('trustCertificate', path('trust-certificate')),
    ...given('keyStore', certificate === undefined ? keyStore : undefined),
    ...given('keyStorePassword', document['server.ssl.key-store-password']),
    clientAuth,
  }
}

function filePath(location: string | undefined): string | undefined {
  if (location === undefined || location.trim() === '') return undefined
  return location.startsWith('file:///') ? fileURLToPath(location) : location.replace(/^file:/, '')
}

function prefixOf(text: string): string {
  const path = text.trim().replace(/^\/+|\/+$/g, '')
  return path === '' ? '' : `/${path}`
}

/** `\${` and `$\{` keep a placeholder for the clients to resolve (spring-compat 4). */
function overridesOf(overrides: Readonly<Record<string, string>>): ReadonlyMap<string, Scalar> {
  return frozenMap(Object.entries(overrides).map(([key, value]) => [key, value.replaceAll('\\${', '${').replaceAll('$\\{', '${')]))
}

function usersOf(document: SettingsDocument, { isGiven, report }: Reporting): readonly UserSettings[] {
  const password = document['spring.security.user.password'] ?? ''
  if (password === '') {
    // Spring makes a password up where there is none; serving everybody instead is not what was meant.
    const asked = ['spring.security.user.name', 'spring.security.user.password'].find(isGiven)
    if (asked !== undefined) report(`spring.security.user.password is missing or empty, but ${asked} is given; give a password`)
    return []
  }
  const [, scheme, rest] = /^\{([\w@-]+)\}(.*)$/s.exec(password) ?? []
  if (scheme !== undefined && scheme !== 'noop') {
    report(`spring.security.user.password: {${scheme}} passwords are not supported, expected plain text or {noop}`)
  }
  return [{ name: document['spring.security.user.name'], password: rest ?? password }]
}

function exposureOf(document: SettingsDocument): readonly string[] {
  const included = document['management.endpoints.web.exposure.include']
  const excluded = document['management.endpoints.web.exposure.exclude']
  if (excluded.length === 0) return included
  if (excluded.includes('*')) return []
  return (included.includes('*') ? ENDPOINTS : included).filter((endpoint) => !excluded.includes(endpoint))
}
