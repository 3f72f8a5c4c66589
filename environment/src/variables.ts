import { kebab, stepsOfKey } from './names.js'

/** The steps of an environment variable: `SERVER_SSL_KEYSTORE` is `server`, `ssl`, `keystore`. */
export function stepsOfVariable(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split('_')
    .filter((step) => step !== '')
}

/**
 * The names under which an environment variable may give a key, in lower case: dashes fall away (Spring's rule) or become `_`
 * (its older rule, which it still follows).
 */
export function variableForms(key: string): readonly string[] {
  const steps = stepsOfKey(key).join('_').toLowerCase()
  return [...new Set([steps.replaceAll('-', ''), steps.replaceAll('-', '_')])]
}

/** The environment variable for a key: `db.pool-max`, `db.poolMax` and `db.pool_max` are `DB_POOL_MAX`, `hosts[0].name` is `HOSTS_0_NAME`. */
export function variableOf(key: string): string {
  return stepsOfKey(key)
    .map((step) => kebab(step).replace(/[^a-z0-9]+/g, '_'))
    .join('_')
    .replace(/_{2,}/g, '_')
    .toUpperCase()
}

/**
 * Kubernetes gives every container variables for every service: one called `redis` would otherwise set `redis.port` to `tcp://…`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
export function isServiceLink(name: string, value: string): boolean {
  return (
    /_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP|SCTP)(_.+)?)$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
  )
}
