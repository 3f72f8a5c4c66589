import { CommandError } from '../failure.js'
import type { Pairs } from './pairs.js'
import { doubleQuoted, yamlScalar } from './yaml.js'

export interface ManifestOptions {
  readonly kind: 'ConfigMap' | 'Secret'
  /** A DNS subdomain: `checkName` says whether it is one. */
  readonly name: string
}

/** What the API server takes of either kind, in bytes. */
const LARGEST = 1024 * 1024

/**
 * A ConfigMap, or a Secret with its values in base64, that `kubectl apply -f -` takes. Signs that Kubernetes has none of in keys become `_`; throws 'unwritable'
 * where two keys become one, or all is larger than Kubernetes takes.
 */
export function manifestText(pairs: Pairs, { kind, name }: ManifestOptions): string {
  const data = [...dataKeys(pairs)].map(([key, text]) => `  ${yamlScalar(key)}: ${kind === 'Secret' ? base64(text) : doubleQuoted(text)}\n`)
  const size = pairs.reduce((sum, [key, text]) => sum + key.length + Buffer.byteLength(text), 0)
  if (size > LARGEST)
    throw new CommandError('unwritable', `A ${kind} holds ${LARGEST} bytes, and these are ${size}; --only takes fewer keys.`)
  const head = `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${doubleQuoted(name)}\n${kind === 'Secret' ? 'type: Opaque\n' : ''}`
  return `${head}data:${data.length === 0 ? ' {}\n' : `\n${data.join('')}`}`
}

/** A name that Kubernetes takes, made of an application's. */
export function nameFrom(application: string): string {
  return application
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
}

/** Throws 'usage' for what is no DNS subdomain (RFC 1123), as names of ConfigMaps and Secrets have to be. */
export function checkName(name: string): string {
  const label = '[a-z0-9]([a-z0-9-]*[a-z0-9])?'
  if (name.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(name)) return name
  throw new CommandError(
    'usage',
    `--name '${name}' is no name for Kubernetes: expected lower-case letters, digits, '-' and '.', such as orders-config.`,
  )
}

function dataKeys(pairs: Pairs): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  const from = new Map<string, string>()
  for (const [name, text] of pairs) {
    const key = dataKey(name)
    const other = from.get(key)
    if (other !== undefined)
      throw new CommandError('unwritable', `'${other}' and '${name}' would both be the key '${key}'; --only takes one of them.`)
    from.set(key, name)
    texts.set(key, text)
  }
  return texts
}

/** `hosts[0].name` is `hosts_0.name`. Names of files, which these keys may become, are neither `.` nor begin with `..`, and have 253 letters. */
function dataKey(name: string): string {
  const key = name
    .replaceAll(']', '')
    .replace(/[^-._a-zA-Z0-9]/g, '_')
    .replace(/^\.\.|^\.$/, '_')
  return key === '' ? '_' : key.slice(0, 253)
}

function base64(text: string): string {
  return doubleQuoted(Buffer.from(text, 'utf8').toString('base64'))
}
