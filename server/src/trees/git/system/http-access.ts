import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { findCredentials, findProxy, type RemoteOptions } from '../address.js'
import { type Access, type GitConfig, PATIENCE } from './command.js'

/** Prints what Git asks for. It runs for its own origin alone: where a redirect leads, nobody is told. */
const HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$CARILLON_GIT_USERNAME" "$CARILLON_GIT_PASSWORD"; }; f'

/** Credentials, proxy, authorities and patience for http(s), as the other engine has them. */
export async function httpAccess(options: RemoteOptions, folder: string): Promise<Access> {
  const { timeout, skipSslValidation } = options
  const credentials = credentialsOf(options)
  const config: GitConfig = [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(timeout * PATIENCE)],
    ['http.sslVerify', String(!skipSslValidation)],
    ...(await authorities(options, folder)),
    ['http.proxy', proxyOf(options)],
    ['http.proxyAuthMethod', 'basic'],
    // An empty one forgets those that a repository names.
    ['credential.helper', ''],
    ...credentials.config,
  ]
  return { config, variables: credentials.variables }
}

function credentialsOf(options: RemoteOptions): Access {
  const found = findCredentials(options)
  if (found === undefined) return { config: [], variables: {} }
  if (/[\r\n\0]/.test(found.username + found.password)) throw new Error('a username or password must not hold the end of a line')
  return {
    config: [[`credential.${new URL(options.uri).origin}.helper`, HELPER]],
    variables: { CARILLON_GIT_USERNAME: found.username, CARILLON_GIT_PASSWORD: found.password },
  }
}

/** Git takes one file of authorities instead of the usual ones, not beside them. */
async function authorities({ trustCertificate }: RemoteOptions, folder: string): Promise<GitConfig> {
  if (trustCertificate === undefined) return []
  const bundle = join(folder, 'authorities.pem')
  await writeFile(bundle, [...rootCertificates, await readFile(trustCertificate, 'utf8')].join('\n'))
  return [['http.sslCAInfo', bundle]]
}

function proxyOf(options: RemoteOptions): string {
  const proxy = findProxy(options)
  if (proxy === undefined) return ''
  const { username, password = '', authority } = proxy
  const user = username === undefined ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`
  return `http://${user}${authority}`
}
