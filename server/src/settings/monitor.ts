import type { SettingsDocument } from './document-types.js'
import type { Reporting } from './reporting.js'
import type { ExtractorName, MonitorSettings } from './settings.js'

const EXTRACTORS: readonly ExtractorName[] = ['github', 'gitlab', 'bitbucket', 'gitea', 'gitee', 'gogs']

/** The settings of `/monitor` and of webhooks. Reports patterns that do not compile, and secrets that would let everybody in. */
export function monitorSettings(document: SettingsDocument, { isGiven, report }: Pick<Reporting, 'isGiven' | 'report'>): MonitorSettings {
  const secrets = document['carillon.webhooks.secrets']
  if (secrets.some((secret) => secret.trim() === '') || (secrets.length === 0 && isGiven('carillon.webhooks.secrets'))) {
    report('carillon.webhooks.secrets: one is empty, and with it anybody could sign; give a text, or leave the key out')
  }
  const ignoredPaths = document['spring.cloud.config.server.monitor.ignored-paths']
  for (const pattern of ignoredPaths) {
    if (!compiles(pattern)) {
      report(`spring.cloud.config.server.monitor.ignored-paths: got "${pattern}", expected a regular expression as JavaScript has them`)
    }
  }
  return {
    path: monitorPath(document['spring.cloud.config.monitor.endpoint.path']),
    disabled: EXTRACTORS.filter((name) => !document[`spring.cloud.config.server.monitor.${name}.enabled`]),
    ignoredPaths,
    secrets,
    branches: document['carillon.webhooks.branches'],
    tolerance: document['carillon.webhooks.tolerance'],
  }
}

function monitorPath(before: string): string {
  const segments = before.split('/').map((segment) => segment.trim())
  return `/${[...segments, 'monitor'].filter((segment) => segment !== '').join('/')}`
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}
